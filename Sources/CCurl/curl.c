#include <dlfcn.h>

#include "CCurl.h"

// What is called of libcurl. Each is called by its own name, and is here under that name.
#define FUNCTIONS(each) \
    each(curl_easy_cleanup) each(curl_easy_getinfo) each(curl_easy_init) each(curl_easy_nextheader) each(curl_easy_setopt) \
    each(curl_easy_strerror) each(curl_global_init) each(curl_multi_add_handle) each(curl_multi_cleanup) \
    each(curl_multi_info_read) each(curl_multi_init) each(curl_multi_perform) each(curl_multi_poll) \
    each(curl_multi_remove_handle) each(curl_multi_setopt) each(curl_multi_wakeup) each(curl_slist_append) \
    each(curl_slist_free_all)

#define POINTER(name) static __typeof__(name) *loaded_##name;
FUNCTIONS(POINTER)

// These names are for this program alone: libcurl has its own.
#pragma GCC visibility push(hidden)

CURLcode curl_global_init(long flags) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return CURLE_FAILED_INIT;
#define LOAD(name) \
    if ((loaded_##name = (__typeof__(name) *)dlsym(library, #name)) == NULL) return CURLE_FAILED_INIT;
    FUNCTIONS(LOAD)
    return loaded_curl_global_init(flags);
}

CURL *curl_easy_init(void) { return loaded_curl_easy_init(); }

void curl_easy_cleanup(CURL *transfer) { loaded_curl_easy_cleanup(transfer); }

struct curl_header *curl_easy_nextheader(
    CURL *transfer, unsigned int origin, int request, struct curl_header *last) {
    return loaded_curl_easy_nextheader(transfer, origin, request, last);
}

const char *curl_easy_strerror(CURLcode code) { return loaded_curl_easy_strerror(code); }

CURLM *curl_multi_init(void) { return loaded_curl_multi_init(); }

CURLMcode curl_multi_cleanup(CURLM *transfers) { return loaded_curl_multi_cleanup(transfers); }

CURLMcode curl_multi_add_handle(CURLM *transfers, CURL *transfer) {
    return loaded_curl_multi_add_handle(transfers, transfer);
}

CURLMcode curl_multi_remove_handle(CURLM *transfers, CURL *transfer) {
    return loaded_curl_multi_remove_handle(transfers, transfer);
}

CURLMcode curl_multi_perform(CURLM *transfers, int *running) {
    return loaded_curl_multi_perform(transfers, running);
}

CURLMcode curl_multi_poll(
    CURLM *transfers, struct curl_waitfd extra[], unsigned int count, int milliseconds, int *ready) {
    return loaded_curl_multi_poll(transfers, extra, count, milliseconds, ready);
}

CURLMcode curl_multi_wakeup(CURLM *transfers) { return loaded_curl_multi_wakeup(transfers); }

CURLMsg *curl_multi_info_read(CURLM *transfers, int *rest) {
    return loaded_curl_multi_info_read(transfers, rest);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text) {
    return loaded_curl_slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list) { loaded_curl_slist_free_all(list); }

#pragma GCC visibility pop

CURLcode curl_set_number(CURL *transfer, CURLoption option, long value) {
    return loaded_curl_easy_setopt(transfer, option, value);
}

CURLcode curl_set_size(CURL *transfer, CURLoption option, curl_off_t value) {
    return loaded_curl_easy_setopt(transfer, option, value);
}

CURLcode curl_set_text(CURL *transfer, CURLoption option, const char *value) {
    return loaded_curl_easy_setopt(transfer, option, value);
}

CURLcode curl_set_pointer(CURL *transfer, CURLoption option, const void *value) {
    return loaded_curl_easy_setopt(transfer, option, value);
}

CURLcode curl_on_body(CURL *transfer, curl_write_callback function, void *context) {
    CURLcode code = loaded_curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, function);
    return code != CURLE_OK ? code : loaded_curl_easy_setopt(transfer, CURLOPT_WRITEDATA, context);
}

CURLcode curl_before_request(CURL *transfer, curl_prereq_callback function, void *context) {
    CURLcode code = loaded_curl_easy_setopt(transfer, CURLOPT_PREREQFUNCTION, function);
    return code != CURLE_OK ? code : loaded_curl_easy_setopt(transfer, CURLOPT_PREREQDATA, context);
}

CURLMcode curl_multi_set_number(CURLM *transfers, CURLMoption option, long value) {
    return loaded_curl_multi_setopt(transfers, option, value);
}

long curl_number(CURL *transfer, CURLINFO info) {
    long value = 0;
    loaded_curl_easy_getinfo(transfer, info, &value);
    return value;
}
