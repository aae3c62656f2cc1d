#pragma once

// One user's side of a chat: what connect, bot and harness share.
//
//     user's verbs --> Client --> Session (v2 or classic, pure) --> bytes --> Link
//     Listener <-- events <------ Session <------------------------ bytes <--
//                  Uploads, Downloads: files in and out, in chunks, hashed as they pass
//
// Time, connections and files are a Host's (host.h).
// A Client outlives its connections: reconnect() makes the next one as the same user, says again
// what has not come back (the room's log drops what it has already) and takes every room up after
// the last entry seen. With Options::reconnect it does so by itself.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"
#include "modes/client/nick_set.h"
#include "modes/client/reconnect.h"
#include "modes/client/resume.h"
#include "modes/client/transfer.h"
#include "modes/client/trust.h"
#include "modes/net/address.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::net {
class EventLoop;
}

namespace netchat::client {

class Driver;
class Host;

struct Options {
    net::HostPort server;
    std::string nick;
    bool classic = false;
    std::shared_ptr<const Trust> trust;         // null: plain, readable by all between
    std::string password;                       // v2: of the server; empty: none is said
    size_t headerWidth = limits::kHeaderWidth;  // classic only; v2's is fixed
    std::string encoding = "utf-8";             // classic only
    // Where files go; empty: none is received, asked for or not.
    std::filesystem::path downloads = ".";
    // Announced files up to this size are fetched by themselves, larger ones by get(), and so many
    // in all, of one sender a quarter (fetch_budget.h); UINT64_MAX: no bound in all.
    uint64_t autoDownloadBytes = limits::kAutoDownloadBytes;
    uint64_t autoDownloadTotalBytes = UINT64_MAX;
    // v2: which of them are fetched, whatever their size; empty: as the sizes say.
    std::function<bool(const Event& file)> wants;
    // A classic server sends files unasked: one above this is read past and reported as failed.
    uint64_t fileBytesMax = limits::kFileBytesMax;
    // Verified files are removed again (their event says path ""): for tests of delivery.
    bool discardDownloads = false;
    // Tells also entries of a room's log that were told before, are out of order or are of a room
    // that is not joined, which a client otherwise passes over: for judging a server.
    bool everyEntry = false;
    int64_t connectTimeoutMs = 10'000;
    // Whether a lost connection is made again without being asked: Reconnecting is told then, in
    // place of Disconnected, which remains the end.
    ReconnectOptions reconnect;
    // v2: when nothing came for so long, the server is asked for a sign of life; when none comes
    // within the other, the connection counts as lost. 0: never.
    int64_t quietMs = 15'000;
    int64_t signOfLifeMs = 10'000;
    // v2: goes on as the user of an earlier client. What is to be said again goes out when the
    // rooms that it was said in are joined: join them before start(). The files that had not come
    // are told as File once it is connected, and fetched.
    std::optional<Resume> resume;
    // v2: nobody keeps the nick for this user, who cannot keep the secret of it.
    bool guest = false;
    // "sha256:…" of the server, as far as it is known before it was asked; it is what state files
    // are found by.
    std::string serverFingerprint;
    // Where the same server was met, for files that earlier versions have kept by that.
    std::vector<net::HostPort> formerAddresses;
};

// What a file is called where it arrives, if not by its own name.
struct UploadAs {
    std::string name = {};
    std::string folder = {};  // relative, passes checkFolder(); v2 only
};

// Loop thread only. Verbs may be called in any state after start(): before the greeting is
// accepted they wait. No verb calls the listener before it returns.
class Client {
  public:
    Client(Host& host, Options options, Listener& listener);
    // On a RealHost of its own, with the options' folder for downloads.
    Client(net::EventLoop& loop, Options options, Listener& listener);
    ~Client();

    void start();

    // Each returns the id that the message will have in its room's log: `id`, or a number where it
    // is empty. What the log has with this id is not said twice.
    std::string say(std::string_view room, std::string_view text, std::string_view id = {});
    std::string tell(std::string_view nick, std::string_view text, std::string_view id = {});
    // Refused as an Error for what can be told at once: no such file, a folder, too large, a nick
    // that is not in the right form. The rest of the outcome comes as events. `id`: of an upload
    // that an earlier client of this user began, which goes on.
    Result<std::string> upload(std::string_view room, const std::filesystem::path& file,
                               std::string_view id = {}, const UploadAs& as = {});

    void join(std::string_view room, std::optional<uint64_t> since = {});
    void leave(std::string_view room);
    void nick(std::string_view name);
    void who(std::string_view room = {});
    void rooms();
    void history(std::string_view room, uint64_t before = 0, uint64_t limit = 50);
    // Fetches an announced file by hash; `name` is what it will be called here, and `folder` where
    // it will lie below the folder for downloads.
    void get(std::string_view sha256, std::string_view name, uint64_t size,
             std::string_view folder = {}, std::optional<int64_t> mtimeMs = {});
    // Words that an entry has all of; the newest that are below `before`. The answer is SearchPage.
    void search(std::string_view room, std::string_view words, uint64_t before = 0,
                uint64_t limit = 20);
    // An operator's command: kick, ban and the like; answered by Notice or Refused.
    void op(std::string_view act, std::string_view target, uint64_t seconds,
            std::string_view reason);
    void ping();

    // The files on their way.
    Transfers transfers() const;
    // The largest file that the server takes; 0 where it is not known.
    uint64_t fileBytesMax() const;
    // Gives an upload up by its id, or a download by its SHA-256 (classic: its name), in whatever
    // state: Refused or FileFailed (kCancelled) tells of it, and nothing of a download is left.
    // False: there is none, or it cannot be taken back: all of it was sent (classic: it has begun).
    // One that was offered and has no answer may show up in its room's log all the same, where the
    // server had these bytes already.
    bool cancel(std::string_view key);

    // Files of who is ignored are fetched only by get(); a classic server's are read past in
    // silence. What else it means is the listener's, who asks ignores(); all else is told as ever.
    void ignore(std::string_view nick, bool ignored);
    bool ignores(std::string_view nick) const;
    const NickSet& ignored() const;

    // True when nothing is under way: all that was said is in the log (classic: written to the
    // kernel), all uploads are at the server and all wanted downloads are here.
    bool idle() const;
    // Messages and uploads that have not come back yet.
    size_t unacknowledged() const;

    // Says bye, after all that was said before it, and ends with Disconnected (code empty).
    void bye();
    // Cuts the connection, as a failure would; reconnect() resumes.
    void disconnect();
    void reconnect();
    // Makes the next connection now where none stands and none is being made: what is due later
    // does not wait. Cuts nothing.
    void retry();

    // v2: what another Client needs to go on as this user; Options::resume takes it.
    Resume state() const;

    bool connected() const;
    const std::string& nickName() const;
    const Options& options() const;

  private:
    Client(std::unique_ptr<Host> host, Options options, Listener& listener);

    std::unique_ptr<Host> host_;  // where it is this object's own
    std::unique_ptr<Driver> driver_;
};

}  // namespace netchat::client
