#pragma once

// What a Client needs of the machine: time, turns, chance, connections and files. On real ones it
// is net::EventLoop, net::Connection and the file system (real_host.h); the simulator has its own,
// so that the same client runs in a thousand invented worlds a minute.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "modes/net/address.h"
#include "protocol/result.h"

namespace netchat::client {

// One attempt at a connection, and then the connection: the terms are those of net::Connection.
// Destroying it gives up or closes; it may be destroyed in any of its callbacks. Before
// onConnected() none of its methods may be called.
class Link {
  public:
    class Handler {
      public:
        virtual void onConnected() = 0;
        // In place of onConnected(): why not, for a person.
        virtual void onUnreachable(const Error& why) = 0;
        virtual void onBytes(std::string_view bytes) = 0;
        virtual void onWritable() = 0;
        virtual void onEnd(std::string_view reason) = 0;

      protected:
        ~Handler() = default;
    };

    virtual ~Link() = default;
    virtual size_t write(std::span<const iovec> pieces) = 0;
    virtual void shutdownWrite() = 0;
    virtual void limitUnsent(size_t bytes) = 0;
};

// A file that goes out. Reading may wait for the disk.
class Source {
  public:
    virtual ~Source() = default;
    virtual uint64_t size() const = 0;
    // When it was changed, in Unix milliseconds, where that is known.
    virtual std::optional<int64_t> mtimeMs() const { return {}; }
    // Replaces `out` by exactly `size` bytes from `offset`. NoSuchFile: it cannot be read so far.
    virtual Status read(uint64_t offset, size_t size, std::string& out) const = 0;
    // Whether it is not what it was when it was opened.
    virtual bool changed() const = 0;
    // Descriptors are few and files may wait long. BadHash: it was changed meanwhile.
    virtual void close() = 0;
    virtual Status reopen() = 0;
};

// A file that comes in: bytes at its end, hashed as they come, then its place.
class Incoming {
  public:
    virtual ~Incoming() = default;  // what is not placed is kept for a later time, or removed
    virtual uint64_t size() const = 0;
    virtual uint64_t received() const = 0;
    // Hashes a slice of what an earlier time left; false: all of it is hashed.
    virtual bool rehash() = 0;
    // BadHash: more bytes than announced. Not before all is rehashed.
    virtual Status write(std::string_view bytes) = 0;
    struct Placed {
        std::string path;  // empty when discarded
        std::string sha256;
        bool wasThere = false;  // under this path the same bytes were there already
    };
    // Call once. BadHash unless all bytes came and, where one is given, have this hash; then
    // nothing of it is kept.
    virtual Result<Placed> place(std::string_view sha256 = {}) = 0;
    // It is not wanted any more: nothing of it is kept.
    virtual void forget() = 0;
};

// What is to come, as it was announced: all of it is remote, and made safe by who receives it.
struct Arriving {
    std::string_view name;
    uint64_t size = 0;
    std::string_view sha256 = {};  // empty: not known
    std::string_view folder = {};  // below the folder for downloads
    std::optional<int64_t> mtimeMs = {};
};

// One thread, the client's.
class Host {
  public:
    using TimerId = uint64_t;

    virtual ~Host() = default;
    virtual int64_t nowMs() const = 0;  // monotonic; one moment for all of a turn
    virtual uint64_t random() = 0;
    virtual void post(std::function<void()> task) = 0;  // for the next turn
    virtual TimerId after(int64_t ms, std::function<void()> task) = 0;
    virtual void cancel(TimerId timer) = 0;  // 0 and what has run are passed over

    // Never null. The handler hears of it in a later turn, not from within.
    virtual std::unique_ptr<Link> connect(const net::HostPort& server, int64_t timeoutMs,
                                          Link::Handler& handler) = 0;
    // NoSuchFile: not there, not readable or not a regular file.
    virtual Result<std::unique_ptr<Source>> openSource(const std::filesystem::path& path) = 0;
    // With a `sha256` what an earlier time left of it is taken up, and a file of this name that has
    // these bytes already counts as received.
    virtual Result<std::unique_ptr<Incoming>> openIncoming(const Arriving& file) = 0;
};

}  // namespace netchat::client
