#pragma once

// Turns what clients tell into the journal's records: recognises messages and files, checks their
// bytes, and counts what the runner waits for. Loop thread only.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/journal/journal.h"
#include "harness/plan/workload.h"
#include "modes/client/event.h"

namespace netchat::harness {

class Recorder {
  public:
    // The journal begins with what the workload says about bots, rooms and files; `sha256` are the
    // files', in order.
    Recorder(Journal& journal, const Workload& workload, const std::vector<std::string>& sha256);

    void record(uint32_t bot, Kind kind, uint16_t room = kNoRoom, std::string_view text = {});
    // `dueNs` 0: it is a probe, and not measured.
    void sent(uint32_t bot, uint32_t number, uint16_t room, std::string_view id, int64_t dueNs);
    void uploading(uint32_t bot, uint32_t file, std::string_view id);
    // Before it left: no such file, a server that said it is too large.
    void uploadRefused(uint32_t bot, uint32_t file, std::string_view why);
    void end(std::string_view why);
    // Back or BotBack: with so many messages that are said again.
    void back(uint32_t bot, Kind kind, uint64_t saidAgain);
    // Of another process, as it was recorded there.
    void take(const Record& record, std::string_view text);
    // From here on the records of what is said and uploaded have its id as their text.
    void keepIds() { keepsIds_ = true; }
    // Of what an earlier process of this bot said: its answers may come now.
    void remember(uint32_t bot, std::string_view id, uint32_t number, bool file);
    // What else happened to the run, and to whom.
    void add(Record record, std::string_view text = {});

    // A message or a file of a room's log, read by nobody's bot.
    void inLog(const client::event::Message& message);
    void inLog(const client::event::File& file);

    // What an event meant to the bot that it came to.
    enum class Meaning {
        Nothing,
        OwnMessage,     // one of its own came back, or was refused
        OthersMessage,  // somebody of this run was heard
        OwnFile,        // its upload came to its end
    };
    Meaning onEvent(uint32_t bot, const client::Event& event);

    // Messages and files seen by those who did not send them, and own v2 ones that came back.
    uint64_t deliveries() const { return deliveries_; }
    uint64_t filesReceived() const { return filesReceived_; }
    uint64_t refused() const { return refused_; }
    // Messages said, probes apart.
    uint64_t said() const { return saidCount_; }
    const std::string& sha256(uint32_t file) const { return journal_.files[file].sha256; }
    uint16_t roomIndex(std::string_view name) const;

  private:
    struct Said {
        uint32_t number;
        bool file;
    };
    struct Expected {
        uint32_t sender = kUnknown, number = kUnknown;
        std::string text;
    };

    template <class E>
    Record begin(uint32_t bot, Kind kind, const E& event) const;
    Meaning onMessage(uint32_t bot, const client::event::Message& message);
    void onAnnouncement(uint32_t bot, const client::event::File& announced);
    // The end of a transfer. E: FileReceived, FileFailed or Uploaded.
    template <class E>
    Meaning onFile(uint32_t bot, Kind kind, const E& moved);
    Meaning onRefusal(uint32_t bot, const client::event::Refused& refused);
    // E: Gap or LogChanged.
    template <class E>
    void onGap(uint32_t bot, const E& gap);
    uint32_t botOf(std::string_view nick) const;
    uint32_t fileOf(std::string_view name, std::string_view sha256) const;
    const Said* saidBy(uint32_t bot, std::string_view id) const;
    const std::string& expected(uint32_t sender, uint32_t number);
    void stranger(Record record, Kind kind, std::string_view what);

    Journal& journal_;
    std::unordered_map<std::string, uint32_t> bots_;  // by nick
    std::unordered_map<std::string, uint16_t> rooms_;
    std::unordered_map<std::string, uint32_t> files_;          // by name
    std::vector<std::unordered_map<std::string, Said>> said_;  // by bot and id
    std::array<Expected, 256> expected_;  // the newest texts: each comes to many receivers at once
    bool keepsIds_ = false;
    uint64_t deliveries_ = 0, filesReceived_ = 0, refused_ = 0, saidCount_ = 0;
};

}  // namespace netchat::harness
