#include "tests/support/authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace netchat::test {

namespace {

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    check(extension && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

X509* begin(EVP_PKEY* key, const char* name, long serial, long seconds) {
    X509* const made = X509_new();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), serial);
    X509_gmtime_adj(X509_getm_notBefore(made), -7200);
    X509_gmtime_adj(X509_getm_notAfter(made), seconds);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_pubkey(made, key);
    return made;
}

template <class Write>
void writePem(const std::filesystem::path& path, Write write) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    check(file && write(file) == 1 && std::fclose(file) == 0, path.c_str());
}

}  // namespace

Authority::Authority() : key_(EVP_EC_gen("P-256")) {
    check(key_, "no key");
    certificate_ = begin(key_, "An authority of tests", 1, 7200);
    X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
    extend(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate_, certificate_, NID_key_usage, "critical,keyCertSign");
    check(X509_sign(certificate_, key_, EVP_sha256()) > 0, "cannot sign");
}

Authority::~Authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
}

void Authority::write(const std::filesystem::path& certificate) const {
    writePem(certificate, [&](std::FILE* file) { return PEM_write_X509(file, certificate_); });
}

void Authority::issue(const std::string& names, const std::filesystem::path& certificate,
                      const std::filesystem::path& key, long seconds) const {
    EVP_PKEY* const own = EVP_EC_gen("P-256");
    X509* const made = begin(own, "A server of tests", 2, seconds);
    X509_set_issuer_name(made, X509_get_subject_name(certificate_));
    extend(made, certificate_, NID_subject_alt_name, names);
    check(X509_sign(made, key_, EVP_sha256()) > 0, "cannot sign");
    writePem(certificate, [&](std::FILE* file) { return PEM_write_X509(file, made); });
    writePem(key, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, own, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(made);
    EVP_PKEY_free(own);
}

}  // namespace netchat::test
