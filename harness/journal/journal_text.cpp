#include "harness/journal/journal_text.h"

#include <algorithm>
#include <array>
#include <istream>
#include <limits>
#include <ostream>
#include <unordered_map>

#include "harness/journal/flat_json.h"
#include "protocol/names.h"
#include "protocol/utf8.h"

namespace netchat::harness {

namespace {

constexpr uint64_t kVersion = 1;
constexpr uint64_t kCountMax = kUnknown - 1;
constexpr uint64_t kTimeMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
constexpr uint64_t kAny = std::numeric_limits<uint64_t>::max();
// Enough for any line that is written; a longer one is no journal's.
constexpr size_t kLineBytesMax = 1 << 20;

// ---- writing

// One object, member by member: LineOut(out).number("t", 5).text("kind", "sent").finish().
class LineOut {
  public:
    explicit LineOut(std::string& out) : out_(out) { out_ += '{'; }
    LineOut& number(std::string_view name, uint64_t value) {
        begin(name);
        out_ += std::to_string(value);
        return *this;
    }
    LineOut& text(std::string_view name, std::string_view value) {
        begin(name);
        appendJsonString(out_, value);
        return *this;
    }
    LineOut& flag(std::string_view name, bool value) {
        if (value) begin(name), out_ += "true";
        return *this;
    }
    void finish() { out_ += "}\n"; }

  private:
    void begin(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        out_.append("\"").append(name).append("\":");
    }
    std::string& out_;
};

void appendHead(std::string& out, const Journal& journal) {
    const RunInfo& info = journal.info;
    LineOut line(out);
    line.text("journal", "netchat").number("version", kVersion).number("seed", info.payload.seed);
    line.number("bots", journal.bots.size()).number("rooms", journal.rooms.size());
    line.number("files", journal.files.size()).number("messages", info.messages);
    line.number("size", info.payload.size).flag("ascii", info.payload.asciiOnly);
    line.flag("strangers", info.allowStrangers);
    if (!info.faults.empty()) {
        line.text("faults", info.faults);
        line.number("settle", static_cast<uint64_t>(info.settleMs));
    }
    line.text("server", info.server).text("command", info.command).finish();
    for (const BotInfo& bot : journal.bots) {
        LineOut(out).text("nick", bot.nick).flag("classic", bot.classic).finish();
    }
    for (const std::string& room : journal.rooms) LineOut(out).text("room", room).finish();
    for (const FileInfo& file : journal.files) {
        LineOut(out)
            .text("file", file.name)
            .number("from", file.sender)
            .number("in", file.room)
            .number("size", file.size)
            .text("sha256", file.sha256)
            .finish();
    }
}

void appendRecord(std::string& out, const Journal& journal, const Record& record) {
    LineOut line(out);
    line.number("t", static_cast<uint64_t>(record.ns)).text("kind", kindName(record.kind));
    if (record.bot != kUnknown) line.number("bot", record.bot);
    if (record.room != kNoRoom) line.number("room", record.room);
    if (record.seq != 0) line.number("seq", record.seq);
    if (record.sender != kUnknown) line.number("from", record.sender);
    if (record.number != kUnknown) line.number("n", record.number);
    if (record.due != 0) line.number("due", static_cast<uint64_t>(record.due));
    line.flag("history", record.history);
    if (record.text != 0) line.text("text", journal.text(record));
    line.finish();
}

// ---- reading

// Reads numbers out of one line and remembers the first that is not as it should be.
class LineIn {
  public:
    explicit LineIn(const FlatJson& json) : json_(json) {}
    uint64_t number(std::string_view name, uint64_t most, uint64_t absent) {
        const auto value = json_.number(name, absent, most);
        if (value) return *value;
        if (error_.empty()) error_ = value.error().text;
        return absent;
    }
    uint64_t required(std::string_view name, uint64_t most) {
        if (!json_.has(name)) error_ = "\"" + std::string(name) + "\" is missing";
        return number(name, most, 0);
    }
    // An index below `count`, or kUnknown when it is not there.
    uint32_t index(std::string_view name, size_t count) {
        if (!json_.has(name)) return kUnknown;
        if (count == 0) error_ = "\"" + std::string(name) + "\" refers to nothing";
        return static_cast<uint32_t>(number(name, std::max<size_t>(count, 1) - 1, 0));
    }
    const std::string& error() const { return error_; }

  private:
    const FlatJson& json_;
    std::string error_;
};

class JournalReader {
  public:
    Result<Journal> read(std::istream& in) {
        for (std::string line; std::getline(in, line);) {
            ++line_;
            if (in.eof()) return bad("it is cut off: the last line has no end");
            if (line.size() > kLineBytesMax) return bad("it is too long");
            if (const auto status = json_.parse(line); !status) return bad(status.error().text);
            if (const std::string error = takeLine(); !error.empty()) return bad(error);
        }
        if (line_ == 0) return Error{ErrorCode::BadHead, "the journal is empty"};
        if (expected_ != 0) return bad("after it bots, rooms or files are missing");
        return std::move(journal_);
    }

  private:
    Error bad(const std::string& why) const {
        return {ErrorCode::BadHead, "line " + std::to_string(line_) + " of the journal: " + why};
    }

    // Empty, or what is wrong with the line.
    std::string takeLine() {
        if (line_ == 1) return takeHead();
        if (expected_ == 0) return takeRecord();
        --expected_;
        if (journal_.bots.size() < bots_) return takeBot();
        if (journal_.rooms.size() < rooms_) return takeRoom();
        return takeFile();
    }

    std::string takeHead() {
        if (json_.text("journal") != "netchat") return "it must say \"journal\":\"netchat\"";
        LineIn in(json_);
        if (in.required("version", kAny) != kVersion) {
            return "its version must be " + std::to_string(kVersion);
        }
        RunInfo& info = journal_.info;
        info.payload.seed = in.required("seed", kAny);
        info.payload.size = in.required("size", kCountMax);
        info.payload.asciiOnly = json_.isTrue("ascii");
        info.messages = in.number("messages", kAny, 0);
        info.allowStrangers = json_.isTrue("strangers");
        info.faults = json_.text("faults");
        info.settleMs = static_cast<int64_t>(in.number("settle", kCountMax, 0));
        info.server = json_.text("server");
        info.command = json_.text("command");
        bots_ = in.required("bots", kCountMax);
        rooms_ = in.required("rooms", kNoRoom - 1);
        files_ = in.required("files", kCountMax);
        expected_ = bots_ + rooms_ + files_;
        return in.error();
    }

    std::string takeBot() {
        if (!json_.has("nick")) return "\"nick\" is missing";
        journal_.bots.push_back({std::string(json_.text("nick")), json_.isTrue("classic")});
        return {};
    }

    std::string takeRoom() {
        if (!json_.has("room")) return "\"room\" is missing";
        journal_.rooms.emplace_back(json_.text("room"));
        return {};
    }

    std::string takeFile() {
        LineIn in(json_);
        if (!json_.has("file")) return "\"file\" is missing";
        if (!json_.has("from") || !json_.has("in")) return "\"from\" or \"in\" is missing";
        if (!checkSha256(json_.text("sha256"))) return "\"sha256\" must be 64 hexadecimal digits";
        FileInfo file{std::string(json_.text("file")), std::string(json_.text("sha256")),
                      in.required("size", kAny), in.index("from", bots_),
                      static_cast<uint16_t>(in.index("in", rooms_))};
        journal_.files.push_back(std::move(file));
        return in.error();
    }

    std::string takeRecord() {
        const auto kind = kinds_.find(json_.text("kind"));
        if (kind == kinds_.end()) return "its \"kind\" is missing or unknown";
        LineIn in(json_);
        Record record;
        record.kind = kind->second;
        record.ns = static_cast<int64_t>(in.required("t", kTimeMax));
        record.due = static_cast<int64_t>(in.number("due", kTimeMax, 0));
        record.seq = in.number("seq", kAny, 0);
        record.bot = in.index("bot", bots_);
        record.sender = in.index("from", bots_);
        record.number = static_cast<uint32_t>(in.number("n", kCountMax, kUnknown));
        record.room = static_cast<uint16_t>(in.index("room", rooms_));
        record.history = json_.isTrue("history");
        if (!in.error().empty()) return in.error();
        if (const std::string lacks = missing(record); !lacks.empty()) {
            return "\"" + lacks + "\" is missing";
        }
        journal_.add(record, json_.text("text"));
        return {};
    }

    // The first label that this kind of record needs and does not have.
    std::string missing(const Record& record) const {
        switch (record.kind) {
            case Kind::End:
            case Kind::Fault:
            case Kind::FaultsOver:
            case Kind::ServerKilled:
            case Kind::ServerBack:
            case Kind::ServerFailed:
                return {};
            case Kind::InLog:
            case Kind::FileInLog:
                if (record.room == kNoRoom) return "room";
                return record.seq == 0 ? "seq" : "";
            default:
                if (record.bot == kUnknown) return "bot";
        }
        switch (record.kind) {
            case Kind::Received:
            case Kind::Corrupted:
                if (record.sender == kUnknown) return "from";
                if (record.room == kNoRoom) return "room";
                return record.kind == Kind::Received && record.number == kUnknown ? "n" : "";
            case Kind::Sent:
            case Kind::Refused:
                if (record.room == kNoRoom && record.kind == Kind::Sent) return "room";
                return record.number == kUnknown ? "n" : "";
            case Kind::Upload:
            case Kind::UploadRefused:
            case Kind::Uploaded:
            case Kind::Announced:
            case Kind::FileReceived:
            case Kind::FileCorrupted:
            case Kind::FileFailed:
            case Kind::Resent:
                return record.number >= files_ ? "n (a file)" : "";
            case Kind::Join:
            case Kind::Joined:
            case Kind::Leave:
            case Kind::Left:
                return record.room == kNoRoom ? "room" : "";
            default:
                return {};
        }
    }

    static std::unordered_map<std::string_view, Kind> allKinds() {
        std::unordered_map<std::string_view, Kind> kinds;
        for (size_t i = 0; i < kKindCount; ++i) {
            kinds[kindName(static_cast<Kind>(i))] = static_cast<Kind>(i);
        }
        return kinds;
    }

    Journal journal_;
    FlatJson json_;
    std::unordered_map<std::string_view, Kind> kinds_ = allKinds();
    size_t line_ = 0;
    size_t bots_ = 0, rooms_ = 0, files_ = 0;
    size_t expected_ = 0;  // lines of bots, rooms and files still to come
};

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::string repaired = utf8::isValid(text) ? std::string() : utf8::repaired(text);
    out += '"';
    for (const char c : repaired.empty() ? text : std::string_view(repaired)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (byte < ' ' || byte == 0x7F) {
            ((out += "\\u00") += kDigits[byte >> 4]) += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void writeJournal(std::ostream& out, const Journal& journal) {
    constexpr size_t kFlushBytes = 1 << 16;
    std::string buffer;
    appendHead(buffer, journal);
    for (const Record& record : journal.records()) {
        appendRecord(buffer, journal, record);
        if (buffer.size() < kFlushBytes) continue;
        out.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        buffer.clear();
    }
    out.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    out.flush();
}

Result<Journal> readJournal(std::istream& in) {
    return JournalReader().read(in);
}

}  // namespace netchat::harness
