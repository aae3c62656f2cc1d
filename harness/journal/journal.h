#pragma once

// What every bot of a run asked for, sent and saw, in the order in which it happened: the only
// thing that the checker judges. One process writes it on one thread, so a record's place says
// what came before what, more sharply than its time does.
//
//     Journal = RunInfo + bots + rooms + files + records (48 bytes each, no string of their own)
//
// The written form is harness/README.md's; journal_text.h writes and reads it.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/plan/payload.h"

namespace netchat::harness {

enum class Kind : uint8_t {
    Join,           // the bot asked to be in the room (a classic bot: began to connect)
    Joined,         // the bot is certainly there; seq: the log's last entry then, where known
    Leave,          // the bot asked to leave
    Left,           // the room confirmed it: all before it has been delivered
    Closed,         // the bot closed its connection as planned; what was on its way to it is gone
    Lost,           // the connection ended without having been asked to; text: why
    Sent,           // number; due: when it should have been sent
    Refused,        // the server refused message `number`; text: why
    Received,       // sender's message `number`, every byte as it was sent
    Corrupted,      // sender's message, not as it was sent; number kUnknown if that is unreadable
    Stranger,       // a message that no bot of this run sent; text: its beginning
    Gap,            // entries that the server says it keeps no longer; seq: the last of them
    Upload,         // the bot began to upload file `number`
    UploadRefused,  // the server, or the disk, refused it; text: why
    Uploaded,       // it is at the server, verified
    Announced,      // sender's file `number` in the room's log
    FileReceived,   // sender's file `number` is there, whole, as it was sent
    FileCorrupted,  // it is there, and is not what was sent; text: in what
    FileFailed,     // it did not come; text: why
    StrayFile,      // a file that no bot of this run sent; text: its name
    Temporary,      // something left in the bot's downloads folder at the end; text: its name
    Fault,          // of the bot's connection, if it has one; text: what was done to it
    Cut,            // the bot's connection ended, and it will make another; text: why
    Back,           // it has another; seq: messages that it says again
    BotKilled,      // the bot's process was killed
    BotBack,        // it runs again; seq: messages that it says again
    ServerKilled,   // and all that it had not kept is gone
    ServerBack,     // it listens again
    FaultsOver,     // from here on everything owed must arrive within the time to settle
    Resent,         // of the file's transfer; seq: bytes that passed again, due: the connections
                    // that it was on besides the first; text: "up" or "down"
    InLog,          // sender's message at this seq of the room's log, read at the end by nobody's
                    // bot; without a sender: an entry of nobody in this run
    FileInLog,      // the same of a file's announcement
    ServerFailed,   // the server that was started for the run did not end as it should; text: how
    End,            // no more is judged as late; text: why it ended ("settled", "stalled", …)
};
std::string_view kindName(Kind kind);
inline constexpr size_t kKindCount = static_cast<size_t>(Kind::End) + 1;

inline constexpr uint32_t kUnknown = 0xFFFFFFFF;
inline constexpr uint16_t kNoRoom = 0xFFFF;
// Messages from this number on are probes: they find out who is there and are not measured.
inline constexpr uint32_t kFirstProbe = 1'000'000'000;

struct Record {
    int64_t ns = 0;   // monotonic
    int64_t due = 0;  // of Sent: the intended time of sending, on the same clock
    uint64_t seq = 0;
    uint32_t bot = kUnknown;
    uint32_t sender = kUnknown;  // a bot; of what was received
    uint32_t number = kUnknown;  // of a message, or of a file (an index into files())
    uint32_t text = 0;           // an index into the journal's strings; 0: none
    uint16_t room = kNoRoom;
    Kind kind = Kind::End;
    bool history = false;  // received as a part of history, not live
};

struct BotInfo {
    std::string nick;
    bool classic = false;
};

struct FileInfo {
    std::string name, sha256;
    uint64_t size = 0;
    uint32_t sender = 0;
    uint16_t room = 0;
};

struct RunInfo {
    PayloadStyle payload;
    uint64_t messages = 0;  // that were planned, of all bots
    bool allowStrangers = false;
    std::string faults;    // that were to be committed; empty: none
    int64_t settleMs = 0;  // with faults: the time to settle
    std::string server;    // where it was
    std::string command;   // that repeats the run
};

class Journal {
  public:
    RunInfo info;
    std::vector<BotInfo> bots;
    std::vector<std::string> rooms;
    std::vector<FileInfo> files;

    void add(const Record& record) { records_.push_back(record); }
    void add(Record record, std::string_view text);
    void reserve(size_t records) { records_.reserve(records); }

    const std::vector<Record>& records() const { return records_; }
    std::string_view text(const Record& record) const { return strings_[record.text]; }

  private:
    std::vector<Record> records_;
    std::vector<std::string> strings_{std::string()};
    std::unordered_map<std::string, uint32_t> interned_;
};

}  // namespace netchat::harness
