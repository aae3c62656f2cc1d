// The classic dialect on the wire, read by either side, of any header width and in two charsets.
// The first byte of an input says which.

#include <utility>

#include "protocol/classic.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "tests/fuzz/fuzz.h"
#include "tests/protocol/latin1.h"

namespace netchat::fuzz {
namespace {

constexpr uint64_t kFileMax = 1 << 20;

struct Seen {
    std::string told;     // every event, bytes of files put together
    std::string written;  // the same, as the other side writes it; without what was refused
};

void isAnError(const Error& error) {
    HOLDS(error.code != ErrorCode::Internal);
    HOLDS(!error.text.empty());
}

Seen toServer(const classic::Format& format, const Pieces& pieces) {
    using Event = classic::ClientReader::Event;
    classic::ClientReader reader(format, kFileMax);
    Seen seen;
    bool failed = false;
    uint64_t fileLeft = 0;
    for (const auto piece : pieces) {
        reader.feed(piece);
        Event event;
        while ((event = reader.next()) != Event::NeedMore && event != Event::Failed) {
            HOLDS(!failed);
            const bool says =
                event == Event::Name || event == Event::Text || event == Event::FileBegin;
            const std::string text(says ? reader.text() : std::string_view());
            switch (event) {
                case Event::Name:
                case Event::Text:
                    HOLDS(utf8::isValid(text));
                    HOLDS(event == Event::Name || !matchesFileRule(text));
                    seen.told += (event == Event::Name ? "name " : "text ") + text + "\n";
                    HOLDS(classic::appendText(seen.written, format, text));
                    break;
                case Event::BadText:
                    isAnError(reader.error());
                    seen.told += "bad text\n";
                    break;
                case Event::FileBegin:
                    HOLDS(reader.fileSize() <= kFileMax);
                    HOLDS(!text.empty() && !text.ends_with('%'));
                    HOLDS(matchesFileRule(classicFileAnnouncement(text)));
                    fileLeft = reader.fileSize();
                    seen.told += "file " + text + ": ";
                    HOLDS(classic::appendFileStart(seen.written, format, text, fileLeft));
                    break;
                case Event::FileBytes:
                    HOLDS(!reader.bytes().empty() && reader.bytes().size() <= fileLeft);
                    fileLeft -= reader.bytes().size();
                    seen.told += reader.bytes();
                    seen.written += reader.bytes();
                    break;
                default:
                    HOLDS(fileLeft == 0);
                    seen.told += " end\n";
            }
        }
        if (event == Event::Failed && !std::exchange(failed, true)) {
            isAnError(reader.error());
            seen.told += "failed: " + reader.error().text;
        }
        reader.release();
    }
    return seen;
}

Seen toClient(const classic::Format& format, const Pieces& pieces) {
    using Event = classic::ServerReader::Event;
    classic::ServerReader reader(format, kFileMax);
    Seen seen;
    bool failed = false;
    uint64_t fileLeft = 0;
    for (const auto piece : pieces) {
        reader.feed(piece);
        Event event;
        while ((event = reader.next()) != Event::NeedMore && event != Event::Failed) {
            HOLDS(!failed);
            if (event == Event::FileBytes) {
                HOLDS(!reader.bytes().empty() && reader.bytes().size() <= fileLeft);
                fileLeft -= reader.bytes().size();
                seen.told += reader.bytes();
                continue;
            }
            HOLDS(utf8::isValid(reader.user()) && utf8::isValid(reader.text()));
            seen.told += reader.user() + "|" + reader.text() + "|";
            if (event == Event::FileBegin) {
                HOLDS(reader.fileSize() <= kFileMax);
                fileLeft = reader.fileSize();
                seen.told += std::to_string(fileLeft) + ": ";
            } else {
                HOLDS(event == Event::Message || fileLeft == 0);
                HOLDS(utf8::isValid(reader.time()));
                seen.told += reader.time() + "\n";
            }
        }
        if (event == Event::Failed && !std::exchange(failed, true)) {
            isAnError(reader.error());
            seen.told += "failed: " + reader.error().text;
        }
        reader.release();
    }
    return seen;
}

// What a server says is read as what it meant, whoever said it.
void saidIsHeard(const classic::Format& format, std::string_view bytes) {
    Choices choices(bytes);
    const std::string user = utf8::repaired(choices.take(8));
    const std::string text = utf8::repaired(choices.rest());
    std::string buffer, out;
    const std::string said(classicText(text, buffer));
    HOLDS(!matchesFileRule(said));
    if (!classic::appendMessage(out, format, user, said, 0)) {
        HOLDS(out.empty());
        return;
    }
    classic::ServerReader reader(format, kFileMax);
    reader.feed(out);
    HOLDS(reader.next() == classic::ServerReader::Event::Message);
    HOLDS(reader.time() == "01-01-1970 00:00:00");
    std::string in, back;
    const std::string onWire(format.charset.fromUtf8(said, in));
    const auto expected = format.charset.toUtf8(onWire, back);
    HOLDS(expected && reader.text() == *expected);
    HOLDS(reader.next() == classic::ServerReader::Event::NeedMore);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    Choices choices(textOf(data, size));
    static Utf8Charset utf8;
    static Latin1 latin1;
    const uint8_t way = choices.byte();
    const size_t widths[] = {10, 2, 4, 20};
    const classic::Format format{
        widths[way % 4], way & 4 ? static_cast<Charset&>(latin1) : static_cast<Charset&>(utf8)};
    const auto bytes = choices.rest();

    const Seen whole = toServer(format, {bytes});
    SAME(toServer(format, cut(bytes)).told, whole.told);
    const bool isShort = bytes.size() <= 200;
    if (isShort) SAME(toServer(format, byteByByte(bytes)).told, whole.told);
    // What was understood, written again, is understood the same. (Latin 1 hides nothing.)
    const Seen again = toServer(format, {whole.written});
    SAME(again.written, whole.written);

    const Seen received = toClient(format, {bytes});
    SAME(toClient(format, cut(bytes)).told, received.told);
    if (isShort) SAME(toClient(format, byteByByte(bytes)).told, received.told);
    saidIsHeard(format, bytes);
    return 0;
}
