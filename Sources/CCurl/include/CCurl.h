// libcurl, with which HTTPRequests sends what it is given. It is loaded by curl_global_init and not with the program: daemons, which
// are the same file, would carry it and the twenty libraries that it brings.
//
// What sets an option or asks about a transfer takes any kind of value after the option's name, which Swift cannot
// call. So there is one function here for each kind of value. Which kind an option wants, curl.h says in its list.
#ifndef RULE_OUTCOMES_CCURL_H
#define RULE_OUTCOMES_CCURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// A number, or 1 for yes.
CURLcode curl_set_number(CURL *transfer, CURLoption option, long value);

// A size that may be beyond a long's range on other machines: the options whose names end in _LARGE.
CURLcode curl_set_size(CURL *transfer, CURLoption option, curl_off_t value);

// A text, which curl copies.
CURLcode curl_set_text(CURL *transfer, CURLoption option, const char *value);

// Anything else by its address. curl does not copy it, but for CURLOPT_COPYPOSTFIELDS.
CURLcode curl_set_pointer(CURL *transfer, CURLoption option, const void *value);

// What is called with each part of the answer's body, and with `context`.
CURLcode curl_on_body(CURL *transfer, curl_write_callback function, void *context);

// What is called with `context` once there is a connection, before the request goes out on it.
CURLcode curl_before_request(CURL *transfer, curl_prereq_callback function, void *context);

CURLMcode curl_multi_set_number(CURLM *transfers, CURLMoption option, long value);

// What is known of a transfer, as a number; 0 where nothing is.
long curl_number(CURL *transfer, CURLINFO info);

#endif
