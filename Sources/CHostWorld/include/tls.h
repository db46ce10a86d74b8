// What a TLS peer presented, recorded while libcurl decides whether to trust it.
#pragma once

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

typedef struct host_certificate {
  char *subject;
  char *issuer;
  char *serial;
  char **names;
  size_t name_count;
  int64_t not_before; // seconds since the Unix epoch
  int64_t not_after;
} host_certificate;

// A record of one handshake. The connection shares it, since it can outlive the transfer.
typedef struct host_tls host_tls;

host_tls *host_tls_create(void);
void host_tls_release(host_tls *record);

// Makes `easy` fill the record during a handshake, whatever the verdict. Does nothing when libcurl
// runs on another TLS library than OpenSSL.
void host_tls_attach(host_tls *record, CURL *easy);

// Reads the connection a running transfer uses, for one that was reused without a handshake.
void host_tls_note(host_tls *record, CURL *easy);

size_t host_tls_count(const host_tls *record);
const host_certificate *host_tls_certificate(const host_tls *record, size_t index);
// "" when unknown.
const char *host_tls_version(const host_tls *record);
// Why the chain was not trusted, "" when it was.
const char *host_tls_error(const host_tls *record);
