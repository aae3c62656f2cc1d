#include "modes/connect/screen/input/key_sequences.h"

#include <algorithm>
#include <array>

#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using Kind = Key::Kind;

// The bits of a modifier parameter, less its one. Where xterm has Meta, others have Super.
enum Modifier : unsigned { Shift = 1, Alt = 2, Ctrl = 4, Meta = 8, Hyper = 16, KittyMeta = 32 };

constexpr unsigned kCodePointMax = 0x10FFFF;
// Keypads and modifiers by themselves, as kitty numbers them: no text.
constexpr unsigned kKittyKeysFirst = 0xE000, kKittyKeysLast = 0xF8FF;

struct Named {
    unsigned code;  // a number before "~", or a final byte
    Kind kind;
    int number = 0;
};

// xterm's and the VT220's, and 7 and 8, which are rxvt's.
constexpr Named kTildeKeys[] = {
    {1, Kind::Home},          {2, Kind::Insert},        {3, Kind::Delete},
    {4, Kind::End},           {5, Kind::PageUp},        {6, Kind::PageDown},
    {7, Kind::Home},          {8, Kind::End},           {11, Kind::Function, 1},
    {12, Kind::Function, 2},  {13, Kind::Function, 3},  {14, Kind::Function, 4},
    {15, Kind::Function, 5},  {17, Kind::Function, 6},  {18, Kind::Function, 7},
    {19, Kind::Function, 8},  {20, Kind::Function, 9},  {21, Kind::Function, 10},
    {23, Kind::Function, 11}, {24, Kind::Function, 12},
};

// The final bytes that CSI and SS3 share.
constexpr Named kLetterKeys[] = {
    {'A', Kind::Up},          {'B', Kind::Down},        {'C', Kind::Right},
    {'D', Kind::Left},        {'F', Kind::End},         {'H', Kind::Home},
    {'P', Kind::Function, 1}, {'Q', Kind::Function, 2}, {'R', Kind::Function, 3},
    {'S', Kind::Function, 4},
};

// rxvt's arrows: with Shift as CSI, with Control as SS3.
constexpr Named kRxvtArrows[] = {
    {'a', Kind::Up}, {'b', Kind::Down}, {'c', Kind::Right}, {'d', Kind::Left}};

// SS3 j to y.
constexpr char kKeypadFirst = 'j';
constexpr std::string_view kKeypad = "*+,-./0123456789";

template <size_t N>
std::optional<Key> keyOfCode(const Named (&keys)[N], unsigned code) {
    for (const Named& key : keys) {
        if (key.code == code) return Key{.kind = key.kind, .number = key.number};
    }
    return std::nullopt;
}

std::optional<Key> withModifiers(std::optional<Key> key, unsigned modifiers) {
    if (!key) return key;
    key->shift = (modifiers & Shift) != 0;
    key->meta = (modifiers & (Alt | Meta | KittyMeta)) != 0;
    key->ctrl = (modifiers & Ctrl) != 0;
    return key;
}

// "27;5:1;97": numbers by semicolons, of which what follows a colon says more.
class Parameters {
  public:
    // False: there is something else among them, so that they are no key's.
    bool parse(std::string_view text) {
        for (const char c : text) {
            const bool good = c == ';' ? nextNumber() : c == ':' ? nextPart() : digit(c);
            if (!good) return false;
        }
        return true;
    }

    size_t count() const { return count_; }
    unsigned at(size_t i) const { return numbers_[i][0]; }
    unsigned modifiers(size_t i) const { return at(i) > 0 ? at(i) - 1 : 0; }
    // Of a key that went up again, the terminal reports the third kind of event.
    bool released(size_t i) const { return numbers_[i][1] == 3; }

  private:
    static constexpr size_t kNumbers = 3, kParts = 2;

    bool nextNumber() {
        part_ = 0;
        return ++count_ <= kNumbers;
    }
    bool nextPart() {
        ++part_;
        return true;
    }
    bool digit(char c) {
        if (c < '0' || c > '9') return false;
        if (part_ >= kParts) return true;
        unsigned& number = numbers_[count_ - 1][part_];
        number = std::min(number * 10 + static_cast<unsigned>(c - '0'), kCodePointMax + 1);
        return true;
    }

    std::array<std::array<unsigned, kParts>, kNumbers> numbers_{};
    size_t count_ = 1, part_ = 0;
};

// The key of a letter that Control or Shift is held with: what is typed is in the text, so that
// Shift is no modifier of it.
Key charKey(unsigned code, unsigned modifiers) {
    const bool upper = code >= 'A' && code <= 'Z', lower = code >= 'a' && code <= 'z';
    if ((modifiers & Ctrl) != 0) {
        if (upper) code += 'a' - 'A';
    } else {
        if (lower && (modifiers & Shift) != 0) code -= 'a' - 'A';
        modifiers &= ~static_cast<unsigned>(Shift);
    }
    Key key;
    utf8::append(key.text, code);
    return *withModifiers(key, modifiers);
}

// A key by its code point: "CSI code ; modifiers u" and "CSI 27 ; modifiers ; code ~".
std::optional<Key> keyOfCode(unsigned code, unsigned modifiers) {
    switch (code) {
        case '\r':
            return withModifiers(Key{.kind = Kind::Enter}, modifiers);
        case '\t':
            return withModifiers(Key{.kind = Kind::Tab}, modifiers);
        case 0x1B:
            return withModifiers(Key{.kind = Kind::Escape}, modifiers);
        case '\b':
        case 0x7F:
            return withModifiers(Key{.kind = Kind::Backspace}, modifiers);
        default:
            break;
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool named = code >= kKittyKeysFirst && code <= kKittyKeysLast;
    if (code > kCodePointMax || surrogate || named || utf8::isControl(code)) return std::nullopt;
    return charKey(code, modifiers);
}

std::optional<Key> keyOfTilde(const Parameters& p) {
    const bool modifyOtherKeys = p.count() == 3 && p.at(0) == 27;
    if (modifyOtherKeys) return keyOfCode(p.at(2), p.modifiers(1));
    return withModifiers(keyOfCode(kTildeKeys, p.at(0)), p.modifiers(1));
}

// "CSI A", "CSI 1;5A", and "CSI 5A" of old ones.
std::optional<Key> keyOfLetter(const Parameters& p, char final) {
    const unsigned modifiers = p.count() == 1 ? p.modifiers(0) : p.modifiers(1);
    // A report of where the cursor is looks like F3, but for its first number.
    if (p.count() > 2 || (p.count() == 2 && p.at(0) != 1)) return std::nullopt;
    if (final == 'Z') return withModifiers(Key{.kind = Kind::Tab}, modifiers | Shift);
    return withModifiers(keyOfCode(kLetterKeys, static_cast<unsigned char>(final)), modifiers);
}

std::optional<Key> keyWithoutParameters(char final) {
    if (final == 'I') return Key{.kind = Kind::FocusIn};
    if (final == 'O') return Key{.kind = Kind::FocusOut};
    return withModifiers(keyOfCode(kRxvtArrows, static_cast<unsigned char>(final)), Shift);
}

// In application mode, as SS3 says it.
std::optional<Key> keyOfKeypad(char final) {
    if (final == 'M') return Key{.kind = Kind::Enter};
    if (final == 'I') return Key{.kind = Kind::Tab};
    if (final == ' ') return Key{.text = " "};
    if (final == 'X') return Key{.text = "="};
    const auto place = static_cast<size_t>(final - kKeypadFirst);
    if (final < kKeypadFirst || place >= kKeypad.size()) return std::nullopt;
    return Key{.text = std::string(1, kKeypad[place])};
}

// "CSI < button ; column ; row M": SGR's way to report a mouse; "m" at its end is a release.
std::optional<Key> keyOfSgrMouse(std::string_view parameters, char final) {
    Parameters p;
    if (final != 'M' || !p.parse(parameters) || p.count() != 3) return std::nullopt;
    return keyOfMouse(p.at(0));
}

}  // namespace

Key keyOfByte(unsigned char byte) {
    switch (byte) {
        case '\r':
            return {.kind = Kind::Enter};
        case '\t':
            return {.kind = Kind::Tab};
        case '\b':
        case 0x7F:
            return {.kind = Kind::Backspace};
        case 0:
            return {.text = " ", .ctrl = true};
        default:
            break;
    }
    if (byte >= 0x20) return {.text = std::string(1, static_cast<char>(byte))};
    const char letter = static_cast<char>(byte <= 0x1A ? byte + 'a' - 1 : byte + '@');
    return {.text = std::string(1, letter), .ctrl = true};
}

// A step of the wheel is a button that is pressed and never released. Where the wheel tilts, it
// has two more, which do nothing.
std::optional<Key> keyOfMouse(unsigned button) {
    constexpr unsigned kModifiers = 4 | 8 | 16, kWheelUp = 64, kWheelDown = 65;
    switch (button & ~kModifiers) {
        case kWheelUp:
            return Key{.kind = Kind::WheelUp};
        case kWheelDown:
            return Key{.kind = Kind::WheelDown};
        default:
            return std::nullopt;
    }
}

std::optional<Key> keyOfCsi(std::string_view parameters, char final) {
    if (parameters.starts_with('<')) return keyOfSgrMouse(parameters.substr(1), final);
    if (parameters.empty()) {
        if (auto key = keyWithoutParameters(final)) return key;
    }
    Parameters p;
    if (!p.parse(parameters) || p.released(1)) return std::nullopt;
    switch (final) {
        case '~':
            return keyOfTilde(p);
        case 'u':
            return keyOfCode(p.at(0), p.modifiers(1));
        case '$':  // rxvt's ends of a "~" key with Shift, Control, both
            return withModifiers(keyOfCode(kTildeKeys, p.at(0)), Shift);
        case '^':
            return withModifiers(keyOfCode(kTildeKeys, p.at(0)), Ctrl);
        case '@':
            return withModifiers(keyOfCode(kTildeKeys, p.at(0)), Shift | Ctrl);
        default:
            return keyOfLetter(p, final);
    }
}

std::optional<Key> keyOfSs3(std::string_view parameters, char final) {
    const auto code = static_cast<unsigned char>(final);
    if (const auto key = keyOfCode(kRxvtArrows, code)) return withModifiers(key, Ctrl);
    if (auto key = keyOfKeypad(final)) return key;
    Parameters p;
    return p.parse(parameters) ? keyOfLetter(p, final) : std::nullopt;
}

std::optional<Key> keyOfLinuxConsole(char final) {
    if (final < 'A' || final > 'E') return std::nullopt;
    return Key{.kind = Kind::Function, .number = final - 'A' + 1};
}

}  // namespace netchat::connect
