#pragma once

// TLS as a pure transformation: bytes of the wire in, plaintext out, and the reverse. Who moves the
// bytes is the Connection. (OpenSSL writes to memory of the loop's, so that a write never has to
// be repeated with the same bytes, several records leave in one call, and an idle connection holds
// no buffer. POCO's SecureStreamSocket is stepped round: it throws where it should wait.)

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::net {

// A key and a certificate, and what is allowed: TLS 1.2 and 1.3, no resumption. Shared by all
// connections of one side; any thread.
class TlsContext {
  public:
    // From PEM files: the chain, and its key.
    static Result<std::shared_ptr<TlsContext>> ofServer(const std::filesystem::path& certificate,
                                                        const std::filesystem::path& key);
    // One made for this run: nobody can know it again.
    static Result<std::shared_ptr<TlsContext>> ofTemporaryServer();
    // Trusts what the system trusts, and besides whoever `authorities` (PEM) names, if given.
    static Result<std::shared_ptr<TlsContext>> ofClient(const std::filesystem::path& authorities);

    // "sha256:" and the SHA-256 of the own certificate in hexadecimal: what `openssl x509
    // -fingerprint -sha256` says. Empty for a client.
    const std::string& fingerprint() const { return fingerprint_; }
    SSL_CTX* get() const { return context_.get(); }

  private:
    struct Free {
        void operator()(SSL_CTX* context) const;
    };
    explicit TlsContext(bool server);
    Status use(X509* certificate, EVP_PKEY* key);

    std::unique_ptr<SSL_CTX, Free> context_;
    std::string fingerprint_;
};

// Makes a P-256 key and a certificate of its own in these files (0600) where they are missing.
Status makeIdentity(const std::filesystem::path& certificate, const std::filesystem::path& key);

// Who the other side has shown itself to be.
struct PeerIdentity {
    std::string fingerprint{};  // as TlsContext::fingerprint()
    bool temporary = false;     // it says of itself that it is for one run; it may say anything
    bool trusted = false;       // by an authority, for the name that was asked for
    std::string distrust{};     // why not
};

// One connection's TLS. One thread.
class TlsChannel {
  public:
    // Every connection of a server starts with this byte when it speaks TLS (RFC 8446, 5.1).
    static constexpr char kFirstByte = 0x16;

    static std::unique_ptr<TlsChannel> ofServer(const TlsContext& context);
    // `host`: the name or address that was asked for.
    static std::unique_ptr<TlsChannel> ofClient(const TlsContext& context, const std::string& host);
    ~TlsChannel();
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    // A client's first words.
    void begin(std::string& wire);
    // Takes all of `bytes`. What it says is appended to `plain`, what must be answered to `wire`,
    // also when it fails; then nothing else may be called.
    Status receive(std::string_view bytes, std::string& plain, std::string& wire);
    // Not before ready(). All of `plain` is taken.
    Status send(std::string_view plain, std::string& wire);
    // The last word of our direction.
    void end(std::string& wire);

    bool ready() const { return ready_; }  // the handshake is over
    bool ended() const { return ended_; }  // the other side has said its last word
    PeerIdentity peer() const;             // of a client's channel that is ready

  private:
    struct Free {
        void operator()(SSL* ssl) const;
    };
    TlsChannel(const TlsContext& context, bool server);
    Status step(int result, std::string_view what);
    static BIO* makeBio(TlsChannel& channel);
    static int readWire(BIO* bio, char* data, int size);
    static int writeWire(BIO* bio, const char* data, int size);
    static long controlWire(BIO* bio, int command, long number, void* pointer);

    std::unique_ptr<SSL, Free> ssl_;
    std::string_view in_;         // while receive() runs
    std::string* out_ = nullptr;  // while any of them runs
    bool ready_ = false;
    bool ended_ = false;
};

}  // namespace netchat::net
