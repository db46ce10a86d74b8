// libcurl's variadic calls with a fixed number of arguments, one for each type of argument.
#pragma once

#include <curl/curl.h>

static inline CURLcode host_curl_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode host_curl_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode host_curl_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode host_curl_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode host_curl_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLAUTH_BASIC is a macro with a cast, which Swift does not import.
static inline CURLcode host_curl_basic_login(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
}

// Write, header and read callbacks share one shape.
typedef size_t (*host_curl_data)(char *bytes, size_t size, size_t count, void *context);
typedef int (*host_curl_debug)(CURL *easy, curl_infotype kind, char *bytes, size_t count,
                               void *context);

static inline CURLcode host_curl_on_data(CURL *easy, CURLoption option, host_curl_data call) {
  return curl_easy_setopt(easy, option, call);
}
static inline CURLcode host_curl_on_debug(CURL *easy, host_curl_debug call) {
  return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, call);
}

static inline CURLcode host_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode host_curl_get_text(CURL *easy, CURLINFO info, const char **value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode host_curl_get_size(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

typedef int (*host_curl_socket)(CURL *easy, curl_socket_t socket, int what, void *context,
                                void *socket_context);
typedef int (*host_curl_timer)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode host_multi_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode host_multi_on_socket(CURLM *multi, host_curl_socket call, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, call);
}
static inline CURLMcode host_multi_on_timer(CURLM *multi, host_curl_timer call, void *context) {
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, call);
}

// The next finished transfer, or null: CURLMsg keeps its result in a union.
static inline CURL *host_multi_next_done(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}
