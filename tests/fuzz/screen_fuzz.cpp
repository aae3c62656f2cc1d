// A whole screen without a terminal: keys, events and sizes, as the bytes have it. Whatever comes,
// every frame is of the screen's size, shows nothing that acts on a terminal, and is drawn from the
// frame before by bytes that hold no remote control; keys in any pieces are the same keys.

#include <optional>

#include "modes/connect/screen/input/key_decoder.h"
#include "modes/connect/screen/model.h"
#include "modes/connect/screen/render.h"
#include "modes/connect/screen/terminal/screen_writer.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace connect;
using client::Event;

constexpr int kStepsMax = 200;

class NoFolders : public Folders {
  public:
    std::vector<std::string> entries(std::string_view) const override {
        return {"a b/", "photo.jpg"};
    }
};

// What a terminal is told, in marks of our own.
class Marks : public Capabilities {
  public:
    std::string moveTo(Point) const override { return "\x1bM"; }
    std::string foreground(int) const override {
        return "\x1b"
               "F";
    }
    std::string background(int) const override { return "\x1bG"; }
    std::string plain() const override { return "\x1bP"; }
    std::string bold() const override { return "\x1b+"; }
    std::string dim() const override { return "\x1b-"; }
    std::string underline() const override { return "\x1b_"; }
    std::string reverse() const override { return "\x1bR"; }
    std::string showCursor() const override { return "\x1bS"; }
    std::string hideCursor() const override { return "\x1bH"; }
    std::string clearScreen() const override {
        return "\x1b"
               "C";
    }
    std::string clearToLineEnd() const override {
        return "\x1b"
               "E";
    }
    int colors() const override { return 256; }
    bool trueColor() const override { return false; }
    bool wrapsAtEdge() const override { return false; }
};

std::string_view word(Choices& choices) {
    return choices.take(choices.below(40));
}

// Fills in the fields of an event; those with a meaning of their own get values that have one.
struct Fields {
    Choices& choices;

    void key(std::string_view name, std::string_view& value) {
        static constexpr std::string_view kRooms[] = {"lobby", "dev", ""};
        static constexpr std::string_view kStates[] = {"joined", "left", "renamed"};
        static constexpr std::string_view kAbout[] = {"say", "history", "join", "who", "offer"};
        if (name == "room") return void(value = kRooms[choices.below(std::size(kRooms))]);
        if (name == "state") return void(value = kStates[choices.below(std::size(kStates))]);
        if (name == "re") return void(value = kAbout[choices.below(std::size(kAbout))]);
        if (name == "code") return void(value = choices.below(3) == 0 ? "" : "lost");
        if (name == "id") return void(value = "1");
        if (name == "sha256")
            return void(value = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        value = choices.take(choices.below(40));
    }
    void key(std::string_view name, uint64_t& value) {
        value = choices.byte() * (name == "size" ? 100'000ULL : 1);
    }
    void key(std::string_view, bool& value) { value = choices.below(2) == 0; }
    void time(std::string_view, int64_t& value) { value = choices.byte() * 10'000'000LL; }
    template <class Other>
    void key(std::string_view, const Other&) {}
    template <class Other>
    void local(const Other&) {}
};

template <class E>
Event filledIn(Choices& choices) {
    E event;
    Fields fields{choices};
    event.visit(fields);
    // A server cannot say that it ends before it begins: the client would not tell of it.
    if constexpr (requires { event.first; }) event.last += event.first;
    return event;
}

template <class... Es>
Event anyOf(Choices& choices, const std::variant<Es...>*) {
    using Fill = Event (*)(Choices&);
    static constexpr Fill kFills[] = {&filledIn<Es>...};
    return kFills[choices.below(std::size(kFills))](choices);
}

Event eventOf(Choices& choices) {
    return anyOf(choices, static_cast<const Event*>(nullptr));
}

void frameHolds(Model& model, ScreenWriter& writer, const Moment& now) {
    model.beforeFrame(now);
    const Grid grid = render(model.state(), Theme(now.monoMs % 2 == 0));
    HOLDS(grid.width() == model.state().width && grid.height() == model.state().height);
    for (int y = 0; y < grid.height(); ++y) {
        int columns = 0;
        for (int x = 0; x < grid.width(); ++x) {
            columns += grid.at(x, y).columns;
            std::string_view text = grid.at(x, y).text;
            while (!text.empty()) {
                const char32_t c = utf8::next(text);
                // Joiners stay within emoji.
                HOLDS(c != utf8::kInvalid && !utf8::isControl(c));
                HOLDS(!utf8::isInvisible(c) || c == 0x200D);
            }
        }
        HOLDS(columns == grid.width());
    }
    std::string bytes = writer.update(grid);
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\x1b') {
            ++i;  // with its mark
        } else {
            HOLDS(static_cast<unsigned char>(bytes[i]) >= 0x20);
        }
    }
    HOLDS(writer.update(grid).empty());
    HOLDS(model.title().find('\x1b') == std::string::npos);
}

void screenHolds(Choices choices) {
    static const NoFolders folders;
    static const Marks marks;
    ScreenState::Options options;
    options.nick = "bob";
    options.historyEntries = static_cast<unsigned>(choices.below(60));
    Model model(options, "lobby", folders);
    ScreenWriter writer(marks);
    KeyDecoder decoder;
    Moment now{1'795'444'560'000, 0};
    model.resize(static_cast<int>(choices.below(100)), static_cast<int>(choices.below(40)));
    for (int step = 0; step < kStepsMax && !choices.empty(); ++step) {
        now.monoMs += choices.byte();
        switch (choices.below(6)) {
            case 0:
            case 1: {
                std::vector<Key> keys;
                decoder.feed(word(choices), keys);
                if (choices.below(4) == 0) decoder.flush(keys);
                for (const Key& key : keys) model.key(key, now);
                break;
            }
            case 2:
                model.resize(static_cast<int>(choices.below(100)),
                             static_cast<int>(choices.below(40)));
                writer.forget();
                break;
            case 3:
                for (ClientCommand& order : model.takeOrders()) {
                    Delivery numbered = Numbered{order.tag, "1"};
                    if (order.tag != 0) model.take(numbered, now);
                }
                break;
            default:
                model.take(eventOf(choices), now);
        }
        frameHolds(model, writer, now);
    }
}

void keysHold(std::string_view bytes) {
    KeyDecoder whole, pieces;
    std::vector<Key> one, other;
    whole.feed(bytes, one);
    for (const auto piece : cut(bytes)) pieces.feed(piece, other);
    HOLDS(one == other);
    for (const Key& key : one) {
        if (key.kind == Key::Kind::Char) HOLDS(utf8::isValid(key.text) && !key.text.empty());
    }
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    keysHold(text);
    screenHolds(Choices(text));
    return 0;
}
