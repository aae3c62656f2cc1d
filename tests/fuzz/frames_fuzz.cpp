// v2 on the wire: fields, heads, every verb, the lines of bodies, and the guess at the dialect.

#include <optional>
#include <utility>

#include "protocol/dialect.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "tests/fuzz/fuzz.h"
#include "tests/protocol/examples.h"

namespace netchat::fuzz {
namespace {

void isAnError(const Error& error) {
    HOLDS(error.code != ErrorCode::Internal);
    HOLDS(!error.text.empty());
}

// What comes of a frame; whatever was understood is said again in the same words.
std::string meaning(std::string_view payload) {
    const auto frame = parseFrame(payload);
    if (!frame) {
        isAnError(frame.error());
        return "no frame";
    }
    HOLDS(frame->verb.size() + frame->body.size() < payload.size() || frame->body.empty());
    const auto once = v2::recoded(*frame);
    if (!once) return "unknown verb";
    if (!*once) {
        isAnError(once->error());
        return std::string(errorName(once->error().code));
    }
    FieldReader reader(limits::kHeaderWidth);
    reader.feed(**once);
    std::string_view again;
    HOLDS(reader.takeField(UINT64_MAX, again) == FieldReader::State::Ready);
    const auto sameFrame = parseFrame(again);
    HOLDS(sameFrame || payload.size() > limits::kHeadBytesMax);
    if (sameFrame) {
        HOLDS(sameFrame->body == frame->body || sameFrame->body.empty());
        const auto twice = v2::recoded(*sameFrame);
        HOLDS(twice && *twice);
        SAME(**twice, **once);
    }
    return **once;
}

std::string framesOf(const Pieces& pieces) {
    FieldReader reader(limits::kHeaderWidth);
    std::string seen;
    bool failed = false;
    for (const auto piece : pieces) {
        reader.feed(piece);
        std::string_view payload;
        FieldReader::State state;
        while ((state = reader.takeField(limits::kFrameBytesMax, payload)) ==
               FieldReader::State::Ready) {
            HOLDS(!failed);
            HOLDS(payload.size() <= limits::kFrameBytesMax);
            seen += meaning(payload) + "\n";
        }
        if (state == FieldReader::State::Failed && !std::exchange(failed, true)) {
            isAnError(reader.error());
            seen += "failed: " + reader.error().text;
        }
        reader.release();
        HOLDS(reader.held() <= limits::kFrameBytesMax + limits::kHeaderWidth);
    }
    return seen;
}

void guessesOnce(std::string_view bytes) {
    std::optional<Guess> decided;
    for (size_t size = 0; size <= std::min(bytes.size(), size_t{40}); ++size) {
        const Guess now = guessDialect(bytes.substr(0, size));
        if (decided) HOLDS(now == *decided);
        if (now != Guess::Open) decided = now;
    }
}

void headersRoundTrip(std::string_view bytes) {
    const auto header = bytes.substr(0, limits::kHeaderWidth);
    if (header.empty()) return;
    const auto length = parseHeader(header);
    if (!length) return isAnError(length.error());
    HOLDS(*length <= largestLength(header.size()));
    std::string again;
    appendHeader(again, header.size(), *length);
    HOLDS(again.size() == header.size());
    const auto same = parseHeader(again);
    HOLDS(same && *same == *length);
}

template <class Line>
void linesRoundTrip(std::string_view bytes) {
    std::string once, twice;
    const auto status =
        v2::decodeLines<Line>(bytes, [&](const Line& line) { v2::encodeLine(once, line); });
    if (!status) isAnError(status.error());
    HOLDS(v2::decodeLines<Line>(once, [&](const Line& line) { v2::encodeLine(twice, line); }));
    SAME(twice, once);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    const auto bytes = textOf(data, size);
    const std::string whole = framesOf({bytes});
    SAME(framesOf(cut(bytes)), whole);
    if (bytes.size() <= 200) SAME(framesOf(byteByByte(bytes)), whole);
    meaning(bytes);
    guessesOnce(bytes);
    headersRoundTrip(bytes);
    linesRoundTrip<v2::Member>(bytes);
    linesRoundTrip<v2::RoomLine>(bytes);
    return 0;
}
