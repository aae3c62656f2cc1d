// What every decoder must do with any bytes whatsoever: give the same events however the bytes were
// cut, hold no more than an incomplete field, and end in events or in an error that has a name.

#include <gmock/gmock.h>

#include <functional>
#include <vector>

#include "protocol/classic.h"
#include "protocol/dialect.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "tests/protocol/examples.h"
#include "tests/protocol/latin1.h"
#include "tests/protocol/random_bytes.h"

namespace netchat {
namespace {

using Pieces = std::vector<std::string_view>;
// Decodes a stream that comes in these pieces into a description of all events.
using Codec = std::function<std::string(const Pieces&)>;

constexpr uint64_t kFileMax = 1 << 20;

std::string described(const Error& error) {
    EXPECT_NE(errorName(error.code), "internal");
    EXPECT_FALSE(error.text.empty());
    return "failed: " + std::string(errorName(error.code)) + "\n";
}

// ---- the codecs

std::string fields(size_t width, const Pieces& pieces) {
    FieldReader reader(width);
    std::string seen;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        std::string_view payload;
        FieldReader::State state;
        while ((state = reader.takeField(1000, payload)) == FieldReader::State::Ready) {
            seen += "field " + std::string(payload) + "\n";
        }
        if (state == FieldReader::State::Failed && !std::exchange(failed, true)) {
            seen += described(reader.error());
        }
        reader.release();
        EXPECT_LE(reader.held(), 1000 + width);
    }
    return seen;
}

std::string streamedFields(size_t width, const Pieces& pieces) {
    FieldReader reader(width);
    std::string seen;
    uint64_t left = 0;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        for (;;) {
            if (left > 0) {
                const auto bytes = reader.takeBytes(left);
                seen += bytes;
                left -= bytes.size();
                if (bytes.empty()) break;
                continue;
            }
            const auto state = reader.takeHeader(kFileMax, left);
            if (state == FieldReader::State::Ready) {
                seen += "\nfile of " + std::to_string(left) + ": ";
                continue;
            }
            if (state == FieldReader::State::Failed && !std::exchange(failed, true)) {
                seen += described(reader.error());
            }
            break;
        }
        reader.release();
        EXPECT_LE(reader.held(), width);
    }
    return seen;
}

std::string frames(const Pieces& pieces) {
    FieldReader reader(limits::kHeaderWidth);
    std::string seen;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        std::string_view payload;
        FieldReader::State state;
        while ((state = reader.takeField(limits::kFrameBytesMax, payload)) ==
               FieldReader::State::Ready) {
            const auto frame = parseFrame(payload);
            if (!frame) {
                seen += described(frame.error());
                continue;
            }
            const auto message = v2::recoded(*frame);
            seen += !message    ? "unknown verb\n"
                    : !*message ? described(message->error())
                                : **message + "\n";
        }
        if (state == FieldReader::State::Failed && !std::exchange(failed, true)) {
            seen += described(reader.error());
        }
        reader.release();
    }
    return seen;
}

std::string fromClassicClient(const classic::Format& format, const Pieces& pieces) {
    using Event = classic::ClientReader::Event;
    classic::ClientReader reader(format, kFileMax);
    std::string seen;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        Event event;
        while ((event = reader.next()) != Event::NeedMore && event != Event::Failed) {
            switch (event) {
                case Event::Name:
                    seen += "name " + std::string(reader.text()) + "\n";
                    break;
                case Event::Text:
                    seen += "text " + std::string(reader.text()) + "\n";
                    break;
                case Event::BadText:
                    seen += described(reader.error());
                    break;
                case Event::FileBegin:
                    seen += "file " + std::string(reader.text()) + " of " +
                            std::to_string(reader.fileSize()) + ": ";
                    break;
                case Event::FileBytes:
                    seen += reader.bytes();
                    break;
                case Event::FileEnd:
                    seen += " end\n";
                    break;
                default:
                    break;
            }
        }
        if (event == Event::Failed && !std::exchange(failed, true)) {
            seen += described(reader.error());
        }
        reader.release();
    }
    return seen;
}

std::string fromClassicServer(const classic::Format& format, const Pieces& pieces) {
    using Event = classic::ServerReader::Event;
    classic::ServerReader reader(format, kFileMax);
    std::string seen;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        Event event;
        while ((event = reader.next()) != Event::NeedMore && event != Event::Failed) {
            const auto about = reader.user() + "|" + reader.text();
            switch (event) {
                case Event::Message:
                    seen += "message " + about + "|" + reader.time() + "\n";
                    break;
                case Event::FileBegin:
                    seen += "file " + about + " of " + std::to_string(reader.fileSize()) + ": ";
                    break;
                case Event::FileBytes:
                    seen += reader.bytes();
                    break;
                case Event::FileEnd:
                    seen += " end " + about + "|" + reader.time() + "\n";
                    break;
                default:
                    break;
            }
        }
        if (event == Event::Failed && !std::exchange(failed, true)) {
            seen += described(reader.error());
        }
        reader.release();
    }
    return seen;
}

std::string dialect(const Pieces& pieces) {
    std::string bytes, decided;
    const auto note = [&](Guess guess) {
        const std::string now = guess == Guess::V2        ? "v2"
                                : guess == Guess::Classic ? "classic"
                                                          : "";
        EXPECT_TRUE(decided.empty() || now == decided) << "changed its mind: " << bytes;
        decided = now;
    };
    for (const auto piece : pieces) note(guessDialect(bytes += piece));
    return decided;
}

// ---- their own output

std::string clientFrames() {
    std::string out;
    v2::forEachClientExample([&](const auto& message) { v2::encode(out, message); });
    return out;
}

std::string serverFrames() {
    std::string out;
    v2::forEachServerExample([&](const auto& message) { v2::encode(out, message); });
    return out;
}

std::string manyFields(size_t width) {
    std::string out;
    for (const auto* payload : {"", "a", "hello", "12345678901234567890", "привет"}) {
        appendField(out, width, payload);
    }
    return out;
}

std::string ofClassicClient(const classic::Format& format) {
    std::string out;
    EXPECT_TRUE(classic::appendText(out, format, "Andr\u00E9"));
    EXPECT_TRUE(classic::appendText(out, format, "hello, caf\u00E9"));
    EXPECT_TRUE(classic::appendFileStart(out, format, "photo.jpg", 6));
    out += "\xFF\xD8%\n5 ";
    EXPECT_TRUE(classic::appendText(out, format, "still here"));
    EXPECT_TRUE(classic::appendFileStart(out, format, "empty", 0));
    EXPECT_TRUE(classic::appendText(out, format, "50 %"));
    return out;
}

std::string ofClassicServer(const classic::Format& format) {
    std::string out;
    EXPECT_TRUE(classic::appendMessage(out, format, "Andr\u00E9", "100%", 0));
    EXPECT_TRUE(classic::appendFilePrefix(out, format, "bob", "photo.jpg", 6));
    out += "\xFF\xD8%\n5 ";
    classic::appendFileSuffix(out, format, 0);
    EXPECT_TRUE(classic::appendMessage(out, format, "bob", "still here", 0));
    return out;
}

struct Subject {
    std::string name;
    Codec codec;
    std::string output;  // valid input: what the encoder of the same codec writes
};

std::vector<Subject> subjects() {
    static Utf8Charset utf8;
    static Latin1 latin1;
    std::vector<Subject> all;
    for (const size_t width : {2, 4, 10, 20}) {
        const std::string w = std::to_string(width);
        all.push_back({"fields of " + w, [width](const Pieces& p) { return fields(width, p); },
                       manyFields(width)});
        all.push_back({"streamed fields of " + w,
                       [width](const Pieces& p) { return streamedFields(width, p); },
                       manyFields(width)});
        for (Charset* charset : {static_cast<Charset*>(&utf8), static_cast<Charset*>(&latin1)}) {
            const classic::Format format{width, *charset};
            all.push_back({"classic client of " + w,
                           [format](const Pieces& p) { return fromClassicClient(format, p); },
                           ofClassicClient(format)});
            all.push_back({"classic server of " + w,
                           [format](const Pieces& p) { return fromClassicServer(format, p); },
                           ofClassicServer(format)});
        }
    }
    all.push_back({"client frames", frames, clientFrames()});
    all.push_back({"server frames", frames, serverFrames()});
    all.push_back({"dialect", dialect, clientFrames()});
    return all;
}

// ---- the properties

Pieces byteByByte(std::string_view bytes) {
    Pieces out;
    for (size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
    return out;
}

Pieces randomlyCut(std::string_view bytes, Random& random) {
    Pieces out;
    while (!bytes.empty()) {
        const size_t size = std::min(bytes.size(), random.upTo(random.oneIn(3) ? 200 : 12));
        out.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return out;
}

TEST(EveryCodec, ReadsItsOwnOutputCutAtEveryByte) {
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.name);
        const std::string_view bytes = subject.output;
        const std::string whole = subject.codec({bytes});
        EXPECT_THAT(whole, ::testing::Not(::testing::HasSubstr("failed")));
        EXPECT_THAT(whole, ::testing::Not(::testing::HasSubstr("unknown")));
        EXPECT_EQ(subject.codec(byteByByte(bytes)), whole);
        for (size_t cut = 0; cut <= bytes.size(); ++cut) {
            ASSERT_EQ(subject.codec({bytes.substr(0, cut), bytes.substr(cut)}), whole) << cut;
        }
    }
}

TEST(EveryCodec, ReadsItsOwnOutputCutAtRandom) {
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.name);
        const std::string whole = subject.codec({subject.output});
        forEachSeed(100, [&](Random& random) {
            EXPECT_EQ(subject.codec(randomlyCut(subject.output, random)), whole);
        });
    }
}

TEST(EveryCodec, GivesTheSameEventsForMutatedOutputHoweverItIsCut) {
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.name);
        forEachSeed(300, [&](Random& random) {
            const std::string bytes = random.mutated(subject.output);
            const std::string whole = subject.codec({bytes});
            EXPECT_EQ(subject.codec(randomlyCut(bytes, random)), whole);
            EXPECT_EQ(subject.codec(byteByByte(bytes)), whole);
        });
    }
}

TEST(EveryCodec, GivesTheSameEventsForGarbageHoweverItIsCut) {
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.name);
        forEachSeed(300, [&](Random& random) {
            const size_t size = random.upTo(400);
            const std::string bytes =
                random.oneIn(2) ? random.bytes(size) : random.meaningfulBytes(size);
            EXPECT_EQ(subject.codec(randomlyCut(bytes, random)), subject.codec({bytes}));
        });
    }
}

TEST(EveryCodec, TakesAnEndAnywhereWithoutAnError) {
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.name);
        for (size_t end = 0; end <= subject.output.size(); ++end) {
            const auto seen = subject.codec({std::string_view(subject.output).substr(0, end)});
            ASSERT_THAT(seen, ::testing::Not(::testing::HasSubstr("failed"))) << end;
        }
    }
}

// A header may announce anything: nothing is set aside for it before it comes.
TEST(EveryCodec, SetsNothingAsideForWhatIsOnlyAnnounced) {
    FieldReader reader(limits::kHeaderWidth);
    std::string_view payload;
    reader.feed("1000000   x");
    EXPECT_EQ(reader.takeField(limits::kFrameBytesMax, payload), FieldReader::State::NeedMore);
    reader.release();
    EXPECT_EQ(reader.held(), 11u);
}

// Lines in bodies and heads, which the readers above do not look into.
TEST(Lines, TakeAnyBytes) {
    forEachSeed(2000, [](Random& random) {
        std::string body = "nick:alice\tuser:7\tdialect:v2\nnick:b\n";
        body = random.oneIn(3) ? random.meaningfulBytes(random.upTo(60)) : random.mutated(body);
        const auto status = v2::decodeLines<v2::Member>(body, [](const v2::Member&) {});
        EXPECT_TRUE(status || status.error().code == ErrorCode::BadHead);
    });
}

}  // namespace
}  // namespace netchat
