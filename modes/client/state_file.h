#pragma once

// What a user of one nick on one server needs to go on in a later run: who it is, and how far in
// each room it has seen. One small file of mode 0600, since it holds the user's secret:
//
//     netchat-client  version:1
//     user  session:…  user:7  nick:alice  ids:4294967296
//     room  seq:00000000000000000042  name:lobby  log:5f1c09aa31d4be72@30,9e07b3c5d82f4410@0
//
// with tabs between. The file is found by the server's fingerprint, wherever the server is, and by
// its address only where there is none; what an earlier version kept by an address is taken over.
// `log`: under which identities of the log it was read (protocol/log_places.h), where the server
// says them; the newest up to `seq`, whatever is written of it. The files that
// were announced are in another one beside it (file_ledger.h). It is replaced as a whole when who
// or where changes, and written over where a full disk has no room for another; the room that a new
// one takes is taken before the server is asked who this is. How far is written in its place, by
// one call and without waiting for the disk: that survives the end of the process at any moment.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"
#include "modes/client/file_ledger.h"
#include "modes/client/reserved_file.h"
#include "modes/client/resume.h"
#include "modes/net/address.h"
#include "protocol/result.h"

namespace netchat::client {

// Where a user begins in the rooms it joins.
struct Since {
    enum class From {
        Now,   // what comes from now on
        All,   // everything that is kept
        Last,  // after what the last run saw; the first time: from now on
        Seq,   // after this entry
    };
    From from = From::Now;
    uint64_t seq = 0;

    // What a join is told; none where nothing is, or an earlier run is what says it.
    std::optional<uint64_t> joinSince() const {
        if (from == From::All) return 0;
        return from == From::Seq ? std::optional(seq) : std::nullopt;
    }
};

// "now", "all", "last" or a number.
Result<Since> parseSince(std::string_view text);

// Whose state it is: a server's by its fingerprint.
struct StateKey {
    StateKey(net::HostPort where, std::string whose = {},  // NOLINT: an address is a key, too
             std::vector<net::HostPort> places = {})
        : address(std::move(where)), fingerprint(std::move(whose)), former(std::move(places)) {}
    net::HostPort address;
    std::string fingerprint;            // empty: it is not known, or there is none
    std::vector<net::HostPort> former;  // addresses by which the same server's may be kept
};

// One thread; one at a time in all processes, which a lock sees to.
class StateFile {
  public:
    // The folder for them: of $XDG_STATE_HOME or, where that is empty, of $HOME; empty without.
    static std::filesystem::path folder(std::string_view xdgStateHome, std::string_view home);

    enum class Keep {
        WhoAndWhere,  // for a run that goes on where this one ends
        Who,          // so that the nick stays this user's: rooms are left as they are in the file,
                      // and there is none unless the server keeps users over its end
    };

    // Makes the folder if it is missing. BadState: another process uses it; Internal: it cannot be
    // used, or holds what is no such file, which is then left as it is.
    static Result<StateFile> open(const std::filesystem::path& folder, const StateKey& server,
                                  std::string_view nick, Keep keep = Keep::WhoAndWhere);
    // Takes the room that a new user needs, before a server is asked to keep a nick for one whose
    // secret would then be lost. Nothing where there is a file. Whoever keeps nothing in the end
    // leaves nothing. BadState and Internal as of open().
    Status reserve();
    // Whether somebody called so has a file by this key, or by a former address.
    static bool exists(const std::filesystem::path& folder, const StateKey& server,
                       std::string_view nick);
    StateFile(StateFile&& other) noexcept;
    StateFile& operator=(StateFile&&) = delete;
    ~StateFile();

    // What the last run left; ids were given out anew since.
    const std::optional<Resume>& resume() const { return resume_; }

    // An entry of a room's log that is not part of a page.
    struct Entry {
        std::string_view room;
        uint64_t seq;
    };
    // To be called for each event, in order. `state` gives the client's at that moment, and is
    // called where it is needed only: it costs a copy. Once the entry was put out, if there is one,
    // seen() is to be told of it.
    template <class State>
    std::optional<Entry> take(const Event& event, State state) {
        if (concerns(event)) follow(event, state());
        return entryOf(event);
    }
    // What take() does with an event that tells who the user is, or where. Nothing with others.
    void follow(const Event& event, const Resume& state);
    // What take() does besides: follows what becomes of files, and finds the entry.
    std::optional<Entry> entryOf(const Event& event);
    // From here on an entry counts as seen by seen() alone: who has left or lost a room and comes
    // back to it has been told more than was seen.
    void keepToSeen() { keepsToSeen_ = true; }
    std::optional<uint64_t> seenIn(std::string_view room) const;
    // An entry of a room's log was put out.
    void seen(std::string_view room, uint64_t seq);
    // A file was asked for.
    void wanted(std::string_view sha256, std::string_view name, uint64_t size) {
        files_.want(sha256, name, size);
    }
    // The files that were announced to this run and to those before.
    std::vector<KnownFile> files() const { return files_.all(); }
    // Writes what has changed. What fails of a file that keeps Who is not tried again.
    Status save();

  private:
    struct Room {
        std::string name;
        uint64_t seq;
        LogPlaces read = {};
        bool changed = false;
        size_t offset = 0;  // of its seq in the file
    };

    StateFile(std::filesystem::path path, Keep keep) : path_(std::move(path)), keep_(keep) {}
    void release();
    Status lock();
    Status takeOver(const std::vector<std::filesystem::path>& former);
    Status load();
    Status parse(const std::string& text);
    Status loadFiles();
    static bool concerns(const Event& event);
    std::optional<Entry> entryIn(const Event& event);
    void readUnder(const Resume::Room& room);
    Status replace();
    int overwrite(std::string_view text) const;
    Status saveRooms();
    Status update();
    std::filesystem::path lockPath() const;
    Error failure(const std::string& what) const;

    std::filesystem::path path_;
    Keep keep_;
    int lockFd_ = -1;
    int fd_ = -1;
    std::optional<Resume> resume_;
    std::optional<ReservedFile> reserved_;  // until there is a file
    Resume user_;                           // rooms apart
    std::vector<Room> rooms_;
    FileLedger files_;
    bool whole_ = false;   // the file is to be replaced
    bool inPage_ = false;  // entries that come now answer a request
    bool givenUp_ = false;
    bool keepsToSeen_ = false;
};

class Client;
// Keeps what an event of this client tells, where anything is kept. An entry counts as seen.
void remember(StateFile* memory, const Event& event, const Client& client);

// Of the run with these options, who go on from what `since` says: fills in `resume`, and `guest`
// where nothing can be kept, of which it tells. An error where `since` is Last; else a run without
// a file is as good, and has none (`folder` empty, in use by another run, not usable). Never of the
// classic dialect. (client.h)
struct Options;
Result<std::optional<StateFile>> recall(const Since& since, const std::filesystem::path& folder,
                                        Options& options,
                                        const std::function<void(const std::string&)>& tell);

}  // namespace netchat::client
