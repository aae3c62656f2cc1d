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

#include "modes/client/event.h"
#include "modes/client/nick_set.h"
#include "modes/client/options.h"
#include "modes/client/transfer.h"
#include "protocol/result.h"

namespace netchat::net {
class EventLoop;
}

namespace netchat::client {

class Driver;
class Host;

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

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    Client(std::unique_ptr<Host> host, Options options, Listener& listener);

    std::unique_ptr<Host> host_;  // where it is this object's own
    std::unique_ptr<Driver> driver_;
};

}  // namespace netchat::client
