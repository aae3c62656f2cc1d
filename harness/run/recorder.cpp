#include "harness/run/recorder.h"

#include <algorithm>
#include <type_traits>

#include "modes/net/clock.h"
#include "protocol/text_safety.h"

namespace netchat::harness {

namespace event = client::event;

namespace {

// Half of the bytes are where they should be: texts of different messages have far less in common.
bool resembles(std::string_view text, std::string_view expected) {
    size_t same = 0;
    for (size_t i = 0; i < std::min(text.size(), expected.size()); ++i)
        same += text[i] == expected[i];
    return same >= expected.size() / 2;
}

}  // namespace

Recorder::Recorder(Journal& journal, const Workload& workload,
                   const std::vector<std::string>& sha256)
    : journal_(journal), said_(workload.bots.size()) {
    journal.info.payload = workload.payload;
    journal.info.messages = workload.messages;
    journal.rooms = workload.rooms;
    for (const BotPlan& bot : workload.bots) {
        bots_[bot.nick] = static_cast<uint32_t>(journal.bots.size());
        journal.bots.push_back({bot.nick, bot.classic});
    }
    for (size_t room = 0; room < workload.rooms.size(); ++room) {
        rooms_[workload.rooms[room]] = static_cast<uint16_t>(room);
    }
    for (size_t i = 0; i < workload.files.size(); ++i) {
        const FilePlan& file = workload.files[i];
        files_[file.name] = static_cast<uint32_t>(i);
        journal.files.push_back({file.name, sha256[i], file.size, file.sender, file.room});
    }
}

void Recorder::record(uint32_t bot, Kind kind, uint16_t room, std::string_view text) {
    journal_.add({.ns = net::monotonicNs(), .bot = bot, .room = room, .kind = kind}, text);
}

void Recorder::sent(uint32_t bot, uint32_t number, uint16_t room, std::string_view id,
                    int64_t dueNs) {
    if (!id.empty()) remember(bot, id, number, false);
    saidCount_ += number < kFirstProbe;
    journal_.add({.ns = net::monotonicNs(),
                  .due = dueNs,
                  .bot = bot,
                  .number = number,
                  .room = room,
                  .kind = Kind::Sent},
                 keepsIds_ ? id : std::string_view());
}

void Recorder::uploading(uint32_t bot, uint32_t file, std::string_view id) {
    if (!id.empty()) remember(bot, id, file, true);
    journal_.add({.ns = net::monotonicNs(),
                  .bot = bot,
                  .number = file,
                  .room = journal_.files[file].room,
                  .kind = Kind::Upload},
                 keepsIds_ ? id : std::string_view());
}

void Recorder::remember(uint32_t bot, std::string_view id, uint32_t number, bool file) {
    said_[bot][std::string(id)] = {number, file};
}

void Recorder::take(const Record& record, std::string_view text) {
    saidCount_ += record.kind == Kind::Sent && record.number < kFirstProbe;
    deliveries_ += record.kind == Kind::Received || record.kind == Kind::Corrupted;
    filesReceived_ += record.kind == Kind::FileReceived;
    refused_ += record.kind == Kind::Refused || record.kind == Kind::UploadRefused;
    Record own = record;
    own.text = 0;  // an index into another journal's
    journal_.add(own, text);
}

void Recorder::uploadRefused(uint32_t bot, uint32_t file, std::string_view why) {
    journal_.add({.ns = net::monotonicNs(),
                  .bot = bot,
                  .number = file,
                  .room = journal_.files[file].room,
                  .kind = Kind::UploadRefused},
                 forLog(why));
}

void Recorder::back(uint32_t bot, Kind kind, uint64_t saidAgain) {
    journal_.add({.ns = net::monotonicNs(), .seq = saidAgain, .bot = bot, .kind = kind});
}

void Recorder::add(Record record, std::string_view text) {
    record.ns = net::monotonicNs();
    journal_.add(record, text);
}

void Recorder::end(std::string_view why) {
    journal_.add({.ns = net::monotonicNs(), .kind = Kind::End}, why);
}

void Recorder::inLog(const event::File& file) {
    Record record = begin(kUnknown, Kind::FileInLog, file);
    const uint32_t index = fileOf(file.name, file.sha256);
    if (index != kUnknown) {
        record.number = index;
        record.sender = journal_.files[index].sender;
    }
    journal_.add(record);
}

void Recorder::inLog(const event::Message& message) {
    Record record = begin(kUnknown, Kind::InLog, message);
    const auto mark = readMark(journal_.info.payload, message.text);
    if (mark && mark->sender < journal_.bots.size()) {
        record.number = mark->number;
        record.sender = mark->sender;
    }
    journal_.add(record);
}

Recorder::Meaning Recorder::onEvent(uint32_t bot, const client::Event& event) {
    Meaning meaning = Meaning::Nothing;
    std::visit(
        client::Overloaded{
            [&](const event::Message& message) { meaning = onMessage(bot, message); },
            [&](const event::Private& message) {
                stranger(begin(bot, Kind::Stranger, message), Kind::Stranger, message.text);
            },
            [&](const event::File& file) { onAnnouncement(bot, file); },
            [&](const event::FileReceived& file) {
                meaning = onFile(bot, Kind::FileReceived, file);
            },
            [&](const event::FileFailed& file) { meaning = onFile(bot, Kind::FileFailed, file); },
            [&](const event::Uploaded& file) { meaning = onFile(bot, Kind::Uploaded, file); },
            [&](const event::Refused& refused) { meaning = onRefusal(bot, refused); },
            [&](const event::Gap& gap) { onGap(bot, gap); },
            [&](const event::LogChanged& changed) { onGap(bot, changed); },
            client::IgnoreOthers{},
        },
        event);
    return meaning;
}

template <class E>
void Recorder::onGap(uint32_t bot, const E& gap) {
    Record record = begin(bot, Kind::Gap, gap);
    record.seq = gap.last;
    journal_.add(record);
}

template <class E>
Record Recorder::begin(uint32_t bot, Kind kind, const E& event) const {
    Record record{.ns = net::monotonicNs(), .bot = bot, .kind = kind};
    if constexpr (requires { event.room; }) record.room = roomIndex(event.room);
    if constexpr (requires { event.seq; }) record.seq = event.seq;
    if constexpr (requires { event.history; }) record.history = event.history;
    return record;
}

void Recorder::stranger(Record record, Kind kind, std::string_view what) {
    record.kind = kind;
    journal_.add(record, forLog(what));
}

Recorder::Meaning Recorder::onMessage(uint32_t bot, const event::Message& message) {
    Record record = begin(bot, Kind::Received, message);
    const uint32_t from = botOf(message.from);
    const auto mark = readMark(journal_.info.payload, message.text);
    const Said* said = from == kUnknown ? nullptr : saidBy(from, message.id);
    if (record.room == kNoRoom) {
        stranger(record, Kind::Stranger,
                 "in a room that it is not in, " + std::string(message.room));
        return Meaning::Nothing;
    }
    const bool ours = mark && mark->sender < journal_.bots.size();
    if (!ours && said == nullptr) {
        stranger(record, Kind::Stranger, message.text);
        return Meaning::Nothing;
    }
    record.sender = ours ? mark->sender : from;
    record.number = ours ? mark->number : said->number;
    const bool classic = journal_.bots[bot].classic || journal_.bots[record.sender].classic;
    if (!isAsSaid(expected(record.sender, record.number), message.text, classic)) {
        record.kind = Kind::Corrupted;
        if (from != kUnknown) record.sender = from;
        // The mark itself may be what was changed: the id says better which message it was.
        if (said != nullptr && !said->file) {
            record.number = said->number;
        } else if (!resembles(message.text, expected(record.sender, record.number))) {
            record.number = kUnknown;
        }
        journal_.add(record, forLog(message.text));
    } else if (from != record.sender) {
        record.kind = Kind::Corrupted;
        journal_.add(record, "it is said to be from " + forLog(message.from));
    } else {
        journal_.add(record);
    }
    ++deliveries_;
    return record.sender == bot ? Meaning::OwnMessage : Meaning::OthersMessage;
}

void Recorder::onAnnouncement(uint32_t bot, const event::File& announced) {
    // In the classic dialect a file and its announcement are one: only its arrival is recorded.
    if (journal_.bots[bot].classic) return;
    Record record = begin(bot, Kind::Announced, announced);
    record.number = fileOf(announced.name, announced.sha256);
    if (record.number == kUnknown || record.room == kNoRoom) {
        return stranger(record, Kind::StrayFile, announced.name);
    }
    const FileInfo& file = journal_.files[record.number];
    record.sender = file.sender;
    if (announced.size == file.size && announced.sha256 == file.sha256 &&
        botOf(announced.from) == file.sender) {
        return journal_.add(record);
    }
    record.kind = Kind::FileCorrupted;
    journal_.add(record, "announced with another size, SHA-256 or sender");
}

template <class E>
Recorder::Meaning Recorder::onFile(uint32_t bot, Kind kind, const E& moved) {
    Record record = begin(bot, kind, moved);
    record.number = fileOf(moved.name, moved.sha256);
    if (record.number == kUnknown) {
        stranger(record, Kind::StrayFile, moved.name);
        return Meaning::Nothing;
    }
    const FileInfo& file = journal_.files[record.number];
    record.room = file.room;
    record.sender = file.sender;
    if constexpr (std::is_same_v<E, event::FileFailed>) {
        journal_.add(record, forLog(std::string(moved.code) + " " + std::string(moved.text)));
        return Meaning::Nothing;
    }
    if (kind == Kind::FileReceived && (moved.size != file.size || moved.sha256 != file.sha256)) {
        record.kind = Kind::FileCorrupted;
        journal_.add(record, "it has " + std::to_string(moved.size) + " of " +
                                 std::to_string(file.size) + " bytes and the SHA-256 " +
                                 forLog(moved.sha256));
        return Meaning::Nothing;
    }
    journal_.add(record);
    if (kind == Kind::Uploaded) return Meaning::OwnFile;
    ++filesReceived_;
    return Meaning::Nothing;
}

Recorder::Meaning Recorder::onRefusal(uint32_t bot, const event::Refused& refused) {
    const Said* said = saidBy(bot, refused.id);
    if (said == nullptr) return Meaning::Nothing;
    Record record = begin(bot, said->file ? Kind::UploadRefused : Kind::Refused, refused);
    record.number = said->number;
    journal_.add(record, forLog(std::string(refused.code) + " " + std::string(refused.text)));
    ++refused_;
    return said->file ? Meaning::OwnFile : Meaning::OwnMessage;
}

uint16_t Recorder::roomIndex(std::string_view name) const {
    const auto at = rooms_.find(std::string(name));
    return at == rooms_.end() ? kNoRoom : at->second;
}

uint32_t Recorder::botOf(std::string_view nick) const {
    const auto at = bots_.find(std::string(nick));
    return at == bots_.end() ? kUnknown : at->second;
}

uint32_t Recorder::fileOf(std::string_view name, std::string_view sha256) const {
    if (const auto at = files_.find(std::string(name)); at != files_.end()) return at->second;
    for (uint32_t i = 0; i < journal_.files.size(); ++i) {
        if (journal_.files[i].sha256 == sha256) return i;
    }
    return kUnknown;
}

const Recorder::Said* Recorder::saidBy(uint32_t bot, std::string_view id) const {
    if (id.empty()) return nullptr;
    const auto at = said_[bot].find(std::string(id));
    return at == said_[bot].end() ? nullptr : &at->second;
}

const std::string& Recorder::expected(uint32_t sender, uint32_t number) {
    Expected& slot = expected_[(uint64_t{sender} * 31 + number) % expected_.size()];
    if (slot.sender != sender || slot.number != number) {
        slot = {sender, number, makeText(journal_.info.payload, sender, number)};
    }
    return slot.text;
}

}  // namespace netchat::harness
