// The specification is protocol/README.md: its examples must be what the codecs read and write, and
// its tables must name every verb, label, error and limit.

#include <gmock/gmock.h>

#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "protocol/classic.h"
#include "protocol/limits.h"
#include "tests/protocol/examples.h"
#include "tests/protocol/latin1.h"

namespace netchat {
namespace {

using ::testing::HasSubstr;

std::string readme() {
    std::ifstream file(NETCHAT_PROTOCOL_README);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_GT(text.str().size(), 1000u) << "no " NETCHAT_PROTOCOL_README;
    return text.str();
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// The bytes of an example: \n, \t, \\ and \xNN.
std::string unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char what = ++i < text.size() ? text[i] : '\0';
        unsigned value = 0;
        switch (what) {
            case 'n':
                out += '\n';
                break;
            case 't':
                out += '\t';
                break;
            case '\\':
                out += '\\';
                break;
            case 'x':
                EXPECT_LE(i + 2, text.size() - 1);
                std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
                out += static_cast<char>(value);
                i += 2;
                break;
            default:
                ADD_FAILURE() << "no such escape in " << text;
        }
    }
    return out;
}

struct Block {
    std::string kind;      // the words after ``` in its first line
    std::string up, down;  // what the client and the server send
    std::string text;      // as it stands there
};

std::vector<Block> blocks() {
    std::vector<Block> out;
    bool inside = false;
    for (const std::string& line : linesOf(readme())) {
        if (line.starts_with("```")) {
            inside = !inside;
            if (inside) out.push_back({line.substr(3), {}, {}, {}});
        } else if (inside) {
            Block& block = out.back();
            block.text += line + "\n";
            if (line.starts_with("> ")) block.up += unescaped(line.substr(2));
            if (line.starts_with("< ")) block.down += unescaped(line.substr(2));
        }
    }
    EXPECT_FALSE(inside);
    return out;
}

std::vector<Block> wireBlocks(const std::string& dialect) {
    std::vector<Block> out;
    for (const Block& block : blocks()) {
        if (!block.kind.starts_with("wire " + dialect)) continue;
        for (const std::string& line : linesOf(block.text)) {
            EXPECT_TRUE(line.starts_with("> ") || line.starts_with("< ")) << line;
        }
        out.push_back(block);
    }
    EXPECT_FALSE(out.empty()) << dialect;
    return out;
}

// ---- fields and v2

// Decodes a stream of whole frames and encodes it again; notes the verbs.
std::string recodedStream(const std::string& bytes, std::set<std::string>& verbs) {
    FieldReader reader(limits::kHeaderWidth);
    std::string out;
    std::string_view payload;
    reader.feed(bytes);
    FieldReader::State state;
    while ((state = reader.takeField(limits::kFrameBytesMax, payload)) ==
           FieldReader::State::Ready) {
        const auto frame = parseFrame(payload);
        if (!frame) return "not a frame: " + std::string(payload);
        verbs.emplace(frame->verb);
        const auto again = v2::recoded(*frame);
        // A verb that does not exist is an example of what is refused.
        if (!again) {
            FrameWriter(out, frame->verb).label("id", *frame->labels.find("id")).finish();
            continue;
        }
        if (!*again) return again->error().text;
        out += **again;
    }
    reader.release();
    if (state == FieldReader::State::Failed) return reader.error().text;
    return reader.held() == 0 ? out : "an unfinished frame";
}

TEST(Readme, ExamplesOfV2AreWhatTheCodecsReadAndWrite) {
    for (const Block& block : wireBlocks("v2")) {
        std::set<std::string> verbs;
        EXPECT_EQ(recodedStream(block.up, verbs), block.up);
        EXPECT_EQ(recodedStream(block.down, verbs), block.down);
    }
}

TEST(Readme, BodiesOfLinesAndPagesAreWhatTheCodecsRead) {
    int seen = 0;
    for (const Block& block : wireBlocks("v2")) {
        FieldReader reader(limits::kHeaderWidth);
        std::string_view payload;
        reader.feed(block.down);
        while (reader.takeField(limits::kFrameBytesMax, payload) == FieldReader::State::Ready) {
            const auto frame = parseFrame(payload);
            ASSERT_TRUE(frame);
            std::string again;
            std::set<std::string> verbs;
            if (frame->verb == "joined" || frame->verb == "roster") {
                EXPECT_TRUE(v2::decodeLines<v2::Member>(
                    frame->body, [&](const v2::Member& m) { v2::encodeLine(again, m); }));
            } else if (frame->verb == "room-list") {
                EXPECT_TRUE(v2::decodeLines<v2::RoomLine>(
                    frame->body, [&](const v2::RoomLine& line) { v2::encodeLine(again, line); }));
            } else if (frame->verb == "page") {
                again = recodedStream(std::string(frame->body), verbs);
            } else {
                continue;
            }
            EXPECT_EQ(again, frame->body);
            ++seen;
        }
        reader.release();
    }
    EXPECT_GE(seen, 4);
}

TEST(Readme, ShowsEveryVerb) {
    std::set<std::string> shown;
    for (const Block& block : wireBlocks("v2")) recodedStream(block.up + block.down, shown);
    v2::forEachExample(
        [&]<class M>(const M&) { EXPECT_TRUE(shown.contains(std::string(M::kVerb))) << M::kVerb; });
}

TEST(Readme, ShellExamplesAreFrames) {
    int seen = 0;
    for (const Block& block : blocks()) {
        if (block.kind != "sh") continue;
        std::string stream;
        for (size_t from = block.text.find("printf '"); from != std::string::npos;
             from = block.text.find("printf '", from)) {
            from += 8;
            stream += unescaped(block.text.substr(from, block.text.find('\'', from) - from));
            ++seen;
        }
        std::set<std::string> verbs;
        EXPECT_EQ(recodedStream(stream, verbs), stream);
        EXPECT_TRUE(verbs.contains("bye"));
    }
    EXPECT_GE(seen, 3);
}

TEST(Readme, FieldsAreWhatTheCodecReadsAndWrites) {
    for (const Block& block : wireBlocks("fields 10")) {
        FieldReader reader(10);
        std::string again;
        std::string_view payload;
        reader.feed(block.up);
        while (reader.takeField(100, payload) == FieldReader::State::Ready) {
            appendField(again, 10, payload);
        }
        reader.release();
        EXPECT_EQ(again, block.up);
    }
}

// ---- classic

std::string recodedClient(const classic::Format& format, const std::string& bytes) {
    using Event = classic::ClientReader::Event;
    classic::ClientReader reader(format, 1000);
    std::string out;
    reader.feed(bytes);
    for (;;) {
        switch (reader.next()) {
            case Event::Name:
            case Event::Text:
                EXPECT_TRUE(classic::appendText(out, format, reader.text()));
                break;
            case Event::FileBegin:
                EXPECT_TRUE(
                    classic::appendFileStart(out, format, reader.text(), reader.fileSize()));
                break;
            case Event::FileBytes:
                out += reader.bytes();
                break;
            case Event::FileEnd:
                break;
            case Event::NeedMore:
                reader.release();
                return out;
            case Event::BadText:
            case Event::Failed:
                return reader.error().text;
        }
    }
}

int64_t momentOf(const std::string& time) {
    const auto moment = parseClassicTime(time);
    EXPECT_TRUE(moment) << time;
    return moment ? *moment : 0;
}

std::string recodedServer(const classic::Format& format, const std::string& bytes) {
    using Event = classic::ServerReader::Event;
    classic::ServerReader reader(format, 1000);
    std::string out;
    reader.feed(bytes);
    for (;;) {
        switch (reader.next()) {
            case Event::Message:
                EXPECT_TRUE(classic::appendMessage(out, format, reader.user(), reader.text(),
                                                   momentOf(reader.time())));
                break;
            case Event::FileBegin:
                EXPECT_TRUE(classic::appendFilePrefix(out, format, reader.user(), reader.text(),
                                                      reader.fileSize()));
                break;
            case Event::FileBytes:
                out += reader.bytes();
                break;
            case Event::FileEnd:
                classic::appendFileSuffix(out, format, momentOf(reader.time()));
                break;
            case Event::NeedMore:
                reader.release();
                return out;
            case Event::Failed:
                return reader.error().text;
        }
    }
}

TEST(Readme, ExamplesOfClassicAreWhatTheCodecsReadAndWrite) {
    Utf8Charset utf8;
    Latin1 latin1;
    for (const Block& block : wireBlocks("classic")) {
        std::istringstream words(block.kind);
        std::string wire, dialect, charset;
        size_t width = 0;
        words >> wire >> dialect >> width >> charset;
        ASSERT_TRUE(charset == "utf-8" || charset == "latin-1") << block.kind;
        const bool isUtf8 = charset == "utf-8";
        const classic::Format format{width, isUtf8 ? static_cast<Charset&>(utf8) : latin1};
        EXPECT_EQ(recodedClient(format, block.up), block.up);
        EXPECT_EQ(recodedServer(format, block.down), block.down);
    }
}

// ---- tables

struct LabelNames {
    std::set<std::string> names;
    template <class T>
    void required(std::string_view name, const T&) {
        names.emplace(name);
    }
    template <class T>
    void defaulted(std::string_view name, const T& value) {
        optional(name, value);
    }
    template <class T>
    void optional(std::string_view name, const T&) {
        names.emplace(name);
    }
    void time(std::string_view name, const std::optional<int64_t>&) { names.emplace(name); }
    void body(std::string_view) {}
};

// The labels in the second cells of the rows whose first cell names the verb.
std::map<std::string, std::set<std::string>> labelTable() {
    std::map<std::string, std::set<std::string>> table;
    for (const std::string& line : linesOf(readme())) {
        if (!line.starts_with("| `")) continue;
        const size_t cell = line.find('|', 1);
        const std::string labels = line.substr(cell, line.find('|', cell + 1) - cell);
        std::vector<std::string> verbs;
        for (size_t from = line.find('`'); from < cell; from = line.find('`', from)) {
            const size_t end = line.find('`', from + 1);
            verbs.push_back(line.substr(from + 1, end - from - 1));
            from = end + 1;
        }
        for (size_t from = labels.find('`'); from != std::string::npos;
             from = labels.find('`', from)) {
            const size_t end = labels.find('`', from + 1);
            std::string label = labels.substr(from + 1, end - from - 1);
            if (label.ends_with('?')) label.pop_back();
            for (const auto& verb : verbs) table[verb].insert(label);
            from = end + 1;
        }
    }
    return table;
}

TEST(Readme, NamesEveryLabelOfEveryVerb) {
    auto table = labelTable();
    v2::forEachExample([&]<class M>(M message) {
        // These two have a table each.
        if (M::kVerb == v2::kGreeting || M::kVerb == v2::Welcome::kVerb) return;
        LabelNames labels;
        message.visit(labels);
        EXPECT_EQ(table[std::string(M::kVerb)], labels.names) << M::kVerb;
    });
    LabelNames greeting;
    v2::Hello{}.visit(greeting);
    v2::Welcome{}.visit(greeting);
    const std::string text = readme();
    const std::string section = text.substr(
        text.find("### The greeting"), text.find("### The verbs") - text.find("### The greet"));
    for (const auto& label : greeting.names) EXPECT_THAT(section, HasSubstr("`" + label + "`"));
}

TEST(Readme, ExplainsEveryError) {
    const std::string text = readme();
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
        if (static_cast<ErrorCode>(code) == ErrorCode::BadValue) continue;  // never on the wire
        const std::string name(errorName(static_cast<ErrorCode>(code)));
        EXPECT_THAT(text, HasSubstr("\n| `" + name + "` |"));
    }
}

TEST(Readme, NamesEveryLimit) {
    const std::string text = readme();
    const std::string section = text.substr(text.find("## Limits"));
    for (const uint64_t limit : {uint64_t{limits::kTextBytesMax},
                                 uint64_t{limits::kHeadBytesMax},
                                 uint64_t{limits::kFrameBytesMax},
                                 uint64_t{limits::kChunkBytesMax},
                                 uint64_t{limits::kPieceBytes},
                                 uint64_t{limits::kSearchBytesMax},
                                 uint64_t{limits::kFoundEntriesMax},
                                 uint64_t{limits::kHelloBytesMax},
                                 uint64_t{limits::kNickCodePointsMax},
                                 limits::kFileBytesMax,
                                 uint64_t{limits::kPresenceMembersMax},
                                 uint64_t{limits::kWhoMembersMax},
                                 uint64_t{limits::kHistoryEntriesMax},
                                 uint64_t{limits::kPageBytesMax},
                                 uint64_t{limits::kRoomsListedMax},
                                 uint64_t{limits::kRoomsPerUserMax},
                                 uint64_t{limits::kRoomsMax},
                                 uint64_t{limits::kTransfersPerSessionMax},
                                 uint64_t{limits::kMemoryLogBytesMax},
                                 uint64_t{limits::kMemoryLogEntriesMax},
                                 uint64_t{limits::kOutboxBytesMax},
                                 uint64_t{limits::kAbsentUsersMax},
                                 uint64_t{limits::kNickLeasesMax},
                                 uint64_t{limits::kNicksPerUserMax},
                                 uint64_t{limits::kGreetingTimeoutMs / 1000},
                                 uint64_t{limits::kDrainTimeoutMs / 1000},
                                 uint64_t{Labels::kCountMax}}) {
        EXPECT_THAT(section, ::testing::ContainsRegex("[^0-9]" + std::to_string(limit) + "[^0-9]"));
    }
}

}  // namespace
}  // namespace netchat
