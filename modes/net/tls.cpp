#include "modes/net/tls.h"

#include <Poco/DigestEngine.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "modes/descriptor.h"
#include "modes/net/file_text.h"
#include "protocol/text_safety.h"

namespace netchat::net {

namespace {

namespace fs = std::filesystem;

constexpr size_t kRecordBytes = 16384;  // the most that one record holds (RFC 8446, 5.1)
constexpr size_t kPemBytesMax = 1 << 20;
constexpr char kTemporary[] = "netchat, for one run";
constexpr char kLasting[] = "netchat";
constexpr long kLastingSeconds = 100L * 365 * 24 * 3600;

template <auto function>
struct FreeBy {
    template <class T>
    void operator()(T* object) const {
        function(object);
    }
};
using X509Ptr = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;

// The oldest of OpenSSL's errors, whose queue is this thread's and is emptied.
std::string lastError() {
    const unsigned long error = ERR_get_error();
    ERR_clear_error();
    // A file that is not there is told as the system tells it.
    if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
    const char* const reason = error ? ERR_reason_error_string(error) : nullptr;
    return reason ? reason : "the handshake failed";
}

Error fault(const std::string& what) {
    return {ErrorCode::Internal, what + ": " + lastError()};
}

std::string fingerprintOf(const X509* certificate) {
    Poco::DigestEngine::Digest digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    digest.resize(size);
    return "sha256:" + Poco::DigestEngine::digestToHex(digest);
}

std::string commonName(const X509* certificate) {
    std::array<char, 128> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
}

// Signed by itself: its fingerprint is what is known of it.
X509Ptr makeCertificate(EVP_PKEY* key, const char* name) {
    X509Ptr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return {};
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24L * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLastingSeconds);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_set_pubkey(certificate.get(), key);
    if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return {};
    return certificate;
}

KeyPtr makeKey() {
    return KeyPtr(EVP_EC_gen("P-256"));
}

// Written aside and renamed: a key is whole, or is not there; nobody else ever may read it.
template <class Write>
Status writePrivately(const fs::path& path, Write write) {
    const fs::path part = path.native() + ".part";
    ::unlink(part.c_str());
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const auto failure = [&path](int error) {
        return Error{ErrorCode::Internal, "cannot write " + forLog(path.native(), 300) + ": " +
                                              std::generic_category().message(error)};
    };
    if (fd < 0) return failure(errno);
    FILE* const file = ::fdopen(fd, "w");
    const bool written = write(file) == 1 && std::fflush(file) == 0 && ::fsync(fd) == 0;
    const int error = errno;
    std::fclose(file);
    if (!written || ::rename(part.c_str(), path.c_str()) != 0) {
        return failure(written ? errno : error);
    }
    return Ok{};
}

// The other side's certificate is looked at when the handshake is over.
int acceptForNow(int, X509_STORE_CTX*) {
    return 1;
}

}  // namespace

// ---- identities

namespace {

// One at a time makes files in a folder: the key of one and the certificate of another are no pair.
class OneAtATime {
  public:
    explicit OneAtATime(const fs::path& folder)
        : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (folder_) ::flock(folder_.get(), LOCK_EX);
    }

  private:
    Descriptor folder_;
};

}  // namespace

Status makeIdentity(const fs::path& certificate, const fs::path& key) {
    const OneAtATime alone(key.parent_path());
    std::error_code ignored;
    if (fs::exists(certificate, ignored) && fs::exists(key, ignored)) return Ok{};
    const KeyPtr made = makeKey();
    const X509Ptr own = made ? makeCertificate(made.get(), kLasting) : X509Ptr();
    if (!own) return fault("cannot make a key");
    auto status = writePrivately(key, [&](FILE* file) {
        return PEM_write_PrivateKey(file, made.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    if (!status) return status;
    return writePrivately(certificate, [&](FILE* file) { return PEM_write_X509(file, own.get()); });
}

// ---- contexts

void TlsContext::Free::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

TlsContext::TlsContext(bool server)
    : context_(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method())) {
    SSL_CTX* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // An idle connection keeps no buffer.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Every connection makes new keys: nothing is kept that could open an earlier one.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // The default list begins with a curve that costs twice as much.
    SSL_CTX_set1_groups_list(context, "X25519:P-256");
    // That one begins with 256 bits, which 128 need not fear and which cost more of each byte.
    SSL_CTX_set_ciphersuites(context,
                             "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:"
                             "TLS_AES_256_GCM_SHA384");
}

namespace {

// The server's certificate, and those between it and an authority, in the order of the file.
bool useChain(SSL_CTX* context, const std::string& pem) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const X509Ptr own(bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
    if (SSL_CTX_clear_chain_certs(context) != 1) return false;
    for (;;) {
        X509Ptr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!next) break;
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return false;
        (void)next.release();
    }
    // No more begins; anything else is a certificate that is damaged.
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
        return false;
    }
    ERR_clear_error();
    return true;
}

bool useKey(SSL_CTX* context, const std::string& pem) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const KeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
           SSL_CTX_check_private_key(context) == 1;
}

}  // namespace

Status TlsContext::use(X509* certificate, EVP_PKEY* key) {
    if (SSL_CTX_use_certificate(get(), certificate) != 1 ||
        SSL_CTX_use_PrivateKey(get(), key) != 1) {
        return fault("cannot use the key");
    }
    fingerprint_ = fingerprintOf(certificate);
    return Ok{};
}

Result<std::shared_ptr<TlsContext>> TlsContext::ofServer(const fs::path& certificate,
                                                         const fs::path& key) {
    std::shared_ptr<TlsContext> made(new TlsContext(true));
    const auto what = [](const char* kind, const fs::path& file) {
        return "cannot use the " + std::string(kind) + " in " + forLog(file.native(), 300);
    };
    const std::string chainIn = what("certificate", certificate), keyIn = what("key", key);
    const auto chain = readFileText(certificate, kPemBytesMax);
    if (!chain) return Error{ErrorCode::Internal, chainIn + ": " + chain.error().text};
    const auto secret = readFileText(key, kPemBytesMax);
    if (!secret) return Error{ErrorCode::Internal, keyIn + ": " + secret.error().text};
    for (const auto& [in, pem] : {std::pair(&chainIn, &*chain), std::pair(&keyIn, &*secret)}) {
        if (pem->find("-----BEGIN ") != std::string::npos) continue;
        return Error{ErrorCode::Internal,
                     *in + ": it is not in PEM format, which has a line '-----BEGIN …'"};
    }
    ERR_clear_error();
    if (!useChain(made->get(), *chain)) return fault(chainIn);
    if (!useKey(made->get(), *secret)) return fault(keyIn);
    made->fingerprint_ = fingerprintOf(SSL_CTX_get0_certificate(made->get()));
    return made;
}

Result<std::shared_ptr<TlsContext>> TlsContext::ofTemporaryServer() {
    std::shared_ptr<TlsContext> made(new TlsContext(true));
    const KeyPtr key = makeKey();
    const X509Ptr own = key ? makeCertificate(key.get(), kTemporary) : X509Ptr();
    if (!own) return fault("cannot make a key");
    if (auto status = made->use(own.get(), key.get()); !status) return status.error();
    return made;
}

namespace {

// The system's authorities: out of its folder, where each is looked up by its hash when one is
// needed. To read the file that holds them all takes longer than all else of a client's start.
void trustTheSystem(SSL_CTX* context) {
    std::error_code ignored;
    const char* const file = std::getenv(X509_get_default_cert_file_env());
    const char* const chosen = std::getenv(X509_get_default_cert_dir_env());
    const fs::path folder = chosen ? chosen : X509_get_default_cert_dir();
    const bool hashed = std::any_of(
        fs::directory_iterator(folder, ignored), fs::directory_iterator(),
        [](const fs::directory_entry& entry) { return entry.path().extension() == ".0"; });
    if (file == nullptr && hashed) {
        SSL_CTX_set_default_verify_dir(context);
    } else {
        SSL_CTX_set_default_verify_paths(context);
    }
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::ofClient(const fs::path& authorities) {
    std::shared_ptr<TlsContext> made(new TlsContext(false));
    trustTheSystem(made->get());
    if (!authorities.empty() && SSL_CTX_load_verify_file(made->get(), authorities.c_str()) != 1) {
        return fault("cannot use the certificates in " + forLog(authorities.native(), 300));
    }
    SSL_CTX_set_verify(made->get(), SSL_VERIFY_PEER, acceptForNow);
    return made;
}

// ---- channels

void TlsChannel::Free::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

TlsChannel::TlsChannel(const TlsContext& context, bool server) : ssl_(SSL_new(context.get())) {
    BIO* const bio = makeBio(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
}

TlsChannel::~TlsChannel() = default;

std::unique_ptr<TlsChannel> TlsChannel::ofServer(const TlsContext& context) {
    return std::unique_ptr<TlsChannel>(new TlsChannel(context, true));
}

std::unique_ptr<TlsChannel> TlsChannel::ofClient(const TlsContext& context,
                                                 const std::string& host) {
    std::unique_ptr<TlsChannel> channel(new TlsChannel(context, false));
    SSL* const ssl = channel->ssl_.get();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) != 1) {
        SSL_set1_host(ssl, host.c_str());
        SSL_set_tlsext_host_name(ssl, host.c_str());
    }
    ERR_clear_error();
    return channel;
}

// Turns what a call of OpenSSL returned into a status: waiting for more of the wire is none.
Status TlsChannel::step(int result, std::string_view what) {
    if (result > 0) return Ok{};
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Ok{};
        case SSL_ERROR_ZERO_RETURN:
            ended_ = true;
            return Ok{};
        default:
            return Error{ErrorCode::BadHead, std::string(what) + ": " + lastError()};
    }
}

void TlsChannel::begin(std::string& wire) {
    out_ = &wire;
    ERR_clear_error();
    (void)step(SSL_do_handshake(ssl_.get()), "TLS");
    out_ = nullptr;
}

Status TlsChannel::receive(std::string_view bytes, std::string& plain, std::string& wire) {
    in_ = bytes;
    out_ = &wire;
    // An error that another connection has left would be taken for one of this.
    ERR_clear_error();
    Status status = Ok{};
    if (!ready_) {
        status = step(SSL_do_handshake(ssl_.get()), "TLS");
        ready_ = status && SSL_is_init_finished(ssl_.get()) == 1;
    }
    while (status && ready_ && !ended_) {
        std::array<char, kRecordBytes> record;  // NOLINT: filled by OpenSSL
        const int got = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
        if (got <= 0) {
            status = step(got, "TLS");
            break;
        }
        plain.append(record.data(), static_cast<size_t>(got));
    }
    in_ = {};
    out_ = nullptr;
    return status;
}

Status TlsChannel::send(std::string_view plain, std::string& wire) {
    assert(ready_);
    out_ = &wire;
    ERR_clear_error();
    Status status = Ok{};
    while (status && !plain.empty()) {
        const int size = static_cast<int>(std::min(plain.size(), kRecordBytes));
        const int taken = SSL_write(ssl_.get(), plain.data(), size);
        if (taken <= 0) {
            status = Error{ErrorCode::Internal, "TLS: " + lastError()};
        } else {
            plain.remove_prefix(static_cast<size_t>(taken));
        }
    }
    out_ = nullptr;
    return status;
}

void TlsChannel::end(std::string& wire) {
    out_ = &wire;
    ERR_clear_error();
    if (ready_) SSL_shutdown(ssl_.get());
    out_ = nullptr;
}

PeerIdentity TlsChannel::peer() const {
    PeerIdentity peer;
    const X509Ptr certificate(SSL_get1_peer_certificate(ssl_.get()));
    if (!certificate) return peer;
    peer.fingerprint = fingerprintOf(certificate.get());
    peer.temporary = commonName(certificate.get()) == kTemporary;
    const long verified = SSL_get_verify_result(ssl_.get());
    peer.trusted = verified == X509_V_OK;
    if (!peer.trusted) peer.distrust = X509_verify_cert_error_string(verified);
    return peer;
}

// ---- the wire, as OpenSSL sees it

BIO* TlsChannel::makeBio(TlsChannel& channel) {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
        BIO_meth_set_read(made, readWire);
        BIO_meth_set_write(made, writeWire);
        BIO_meth_set_ctrl(made, controlWire);
        return made;
    }();
    BIO* const bio = BIO_new(method);
    BIO_set_data(bio, &channel);
    BIO_set_init(bio, 1);
    return bio;
}

int TlsChannel::readWire(BIO* bio, char* data, int size) {
    auto& channel = *static_cast<TlsChannel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (channel.in_.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const size_t part = channel.in_.copy(data, static_cast<size_t>(size));
    channel.in_.remove_prefix(part);
    return static_cast<int>(part);
}

int TlsChannel::writeWire(BIO* bio, const char* data, int size) {
    auto& channel = *static_cast<TlsChannel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (channel.out_) channel.out_->append(data, static_cast<size_t>(size));
    return size;
}

long TlsChannel::controlWire(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace netchat::net
