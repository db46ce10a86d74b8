#include "tls.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_certificates = 12, most_names = 200 };

struct host_tls {
  atomic_int references;
  host_certificate certificates[most_certificates];
  size_t count;
  char version[16];
  char error[160];
};

static int record_slot = -1;
static pthread_once_t record_slot_once = PTHREAD_ONCE_INIT;

static void release_slot(void *parent, void *pointer, CRYPTO_EX_DATA *data, int slot, long value,
                         void *context) {
  (void)parent, (void)data, (void)slot, (void)value, (void)context;
  host_tls_release(pointer);
}

static void make_slot(void) {
  record_slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, release_slot);
}

host_tls *host_tls_create(void) {
  host_tls *record = calloc(1, sizeof *record);
  if (record != NULL) atomic_init(&record->references, 1);
  return record;
}

static void forget_certificates(host_tls *record) {
  for (size_t i = 0; i < record->count; i++) {
    host_certificate *one = &record->certificates[i];
    free(one->subject);
    free(one->issuer);
    free(one->serial);
    for (size_t n = 0; n < one->name_count; n++) free(one->names[n]);
    free(one->names);
  }
  memset(record->certificates, 0, sizeof record->certificates);
  record->count = 0;
}

void host_tls_release(host_tls *record) {
  if (record == NULL || atomic_fetch_sub(&record->references, 1) > 1) return;
  forget_certificates(record);
  free(record);
}

// A distinguished name as RFC 2253 writes it, in UTF-8.
static char *name_text(X509_NAME *name) {
  BIO *bio = BIO_new(BIO_s_mem());
  if (bio == NULL) return strdup("");
  X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
  char *bytes = NULL;
  long count = BIO_get_mem_data(bio, &bytes);
  char *text = strndup(bytes == NULL ? "" : bytes, count < 0 ? 0 : (size_t)count);
  BIO_free(bio);
  return text;
}

static int64_t seconds(const ASN1_TIME *time) {
  struct tm parts = {0};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static char *alternative_name(const GENERAL_NAME *name) {
  if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
    const ASN1_STRING *text = name->d.ia5;
    return strndup((const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
  }
  if (name->type == GEN_IPADD) {
    char text[INET6_ADDRSTRLEN] = "";
    int length = ASN1_STRING_length(name->d.iPAddress);
    int family = length == 4 ? AF_INET : length == 16 ? AF_INET6 : 0;
    if (family == 0) return NULL;
    inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof text);
    return strdup(text);
  }
  return NULL;
}

static void note_names(host_certificate *out, X509 *certificate) {
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
  if (count > most_names) count = most_names;
  out->names = calloc(count > 0 ? (size_t)count : 1, sizeof *out->names);
  for (int i = 0; i < count && out->names != NULL; i++) {
    char *text = alternative_name(sk_GENERAL_NAME_value(names, i));
    if (text != NULL) out->names[out->name_count++] = text;
  }
  GENERAL_NAMES_free(names);
}

static void note_certificate(host_tls *record, X509 *certificate) {
  if (certificate == NULL || record->count >= most_certificates) return;
  host_certificate *out = &record->certificates[record->count++];
  out->subject = name_text(X509_get_subject_name(certificate));
  out->issuer = name_text(X509_get_issuer_name(certificate));
  out->not_before = seconds(X509_get0_notBefore(certificate));
  out->not_after = seconds(X509_get0_notAfter(certificate));
  BIGNUM *number = ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), NULL);
  char *hexadecimal = number == NULL ? NULL : BN_bn2hex(number);
  out->serial = strdup(hexadecimal == NULL ? "" : hexadecimal);
  OPENSSL_free(hexadecimal);
  BN_free(number);
  note_names(out, certificate);
}

static void note_chain(host_tls *record, STACK_OF(X509) *chain, X509 *leaf) {
  forget_certificates(record);
  int count = chain == NULL ? 0 : sk_X509_num(chain);
  // A peer's chain begins with its own certificate.
  if (count == 0 && leaf != NULL) note_certificate(record, leaf);
  for (int i = 0; i < count; i++) note_certificate(record, sk_X509_value(chain, i));
}

static void note_version(host_tls *record, const SSL *ssl) {
  const char *version = ssl == NULL ? "" : SSL_get_version(ssl);
  strncpy(record->version, version, sizeof record->version - 1);
}

// Asks OpenSSL for its own verdict and only records beside it.
static int verify(X509_STORE_CTX *store, void *context) {
  (void)context;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  host_tls *record = ssl == NULL ? NULL : SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), record_slot);
  int verdict = X509_verify_cert(store);
  if (record == NULL) return verdict;
  note_chain(record, X509_STORE_CTX_get0_untrusted(store), X509_STORE_CTX_get0_cert(store));
  note_version(record, ssl);
  record->error[0] = '\0';
  int error = X509_STORE_CTX_get_error(store);
  if (error != X509_V_OK) {
    strncpy(record->error, X509_verify_cert_error_string(error), sizeof record->error - 1);
  }
  return verdict;
}

static CURLcode prepare(CURL *easy, void *context, void *parameter) {
  (void)easy;
  host_tls *record = parameter;
  SSL_CTX *ssl = context;
  atomic_fetch_add(&record->references, 1);
  if (SSL_CTX_set_ex_data(ssl, record_slot, record) != 1) {
    host_tls_release(record);
    return CURLE_OK;
  }
  SSL_CTX_set_cert_verify_callback(ssl, verify, NULL);
  return CURLE_OK;
}

static int runs_on_openssl(void) {
  const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  return library != NULL && strncmp(library, "OpenSSL/", 8) == 0;
}

void host_tls_attach(host_tls *record, CURL *easy) {
  pthread_once(&record_slot_once, make_slot);
  if (record == NULL || record_slot < 0 || !runs_on_openssl()) return;
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, record);
}

void host_tls_note(host_tls *record, CURL *easy) {
  struct curl_tlssessioninfo *session = NULL;
  if (record == NULL || !runs_on_openssl()) return;
  CURLcode found = curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session);
  if (found != CURLE_OK || session == NULL) return;
  if (session->backend != CURLSSLBACKEND_OPENSSL || session->internals == NULL) return;
  SSL *ssl = session->internals;
  note_version(record, ssl);
  if (record->count == 0) note_chain(record, SSL_get_peer_cert_chain(ssl), NULL);
}

size_t host_tls_count(const host_tls *record) { return record == NULL ? 0 : record->count; }
const host_certificate *host_tls_certificate(const host_tls *record, size_t index) {
  return &record->certificates[index];
}
const char *host_tls_version(const host_tls *record) {
  return record == NULL ? "" : record->version;
}
const char *host_tls_error(const host_tls *record) { return record == NULL ? "" : record->error; }
