// libcurl, with which HTTPRequests sends what it is given.
//
// What sets an option or asks about a transfer takes any kind of value after the option's name, which Swift cannot
// call. So there is one function here for each kind of value. Which kind an option wants, curl.h says in its list.
#ifndef RULE_OUTCOMES_CCURL_H
#define RULE_OUTCOMES_CCURL_H

#include <curl/curl.h>

// A number, or 1 for yes.
static inline CURLcode curl_set_number(CURL *transfer, CURLoption option, long value) {
    return curl_easy_setopt(transfer, option, value);
}

// A size that may be beyond a long's range on other machines: the options whose names end in _LARGE.
static inline CURLcode curl_set_size(CURL *transfer, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(transfer, option, value);
}

// A text, which curl copies.
static inline CURLcode curl_set_text(CURL *transfer, CURLoption option, const char *value) {
    return curl_easy_setopt(transfer, option, value);
}

// Anything else by its address. curl does not copy it, but for CURLOPT_COPYPOSTFIELDS.
static inline CURLcode curl_set_pointer(CURL *transfer, CURLoption option, const void *value) {
    return curl_easy_setopt(transfer, option, (void *)value);
}

// What is called with each part of the answer's body, and with `context`.
static inline CURLcode curl_on_body(CURL *transfer, curl_write_callback function, void *context) {
    CURLcode code = curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(transfer, CURLOPT_WRITEDATA, context);
}

// What is called with `context` once there is a connection, before the request goes out on it.
static inline CURLcode curl_before_request(CURL *transfer, curl_prereq_callback function, void *context) {
    CURLcode code = curl_easy_setopt(transfer, CURLOPT_PREREQFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(transfer, CURLOPT_PREREQDATA, context);
}

static inline CURLMcode curl_multi_set_number(CURLM *transfers, CURLMoption option, long value) {
    return curl_multi_setopt(transfers, option, value);
}

// What is known of a transfer, as a number; 0 where nothing is.
static inline long curl_number(CURL *transfer, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(transfer, info, &value);
    return value;
}

#endif
