#include "modes/connect/screen/input/key_decoder.h"

#include <algorithm>

#include "modes/connect/screen/input/key_sequences.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

constexpr unsigned char kEscape = 0x1B, kBell = 0x07, kCancel = 0x18, kSubstitute = 0x1A;
// The brackets of a paste, as parameters of a "~".
constexpr std::string_view kPasteBegins = "200";
constexpr size_t kMouseReportBytes = 3;
constexpr unsigned kMouseReportBase = 32;  // what is added to each of these bytes

const Key kEscapeKey{.kind = Key::Kind::Escape};

// Bytes of a code point that begins with this one; 0: none does.
size_t bytesOfLead(unsigned char lead) {
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

bool isUtf8Continuation(unsigned char byte) {
    return (byte & 0xC0U) == 0x80;
}

// Of ECMA-48: what may stand between CSI and its final byte, and that byte.
bool isParameter(unsigned char byte) {
    return byte >= 0x20 && byte < 0x40;
}

bool isFinal(unsigned char byte) {
    return byte >= 0x40 && byte < 0x7F;
}

// Old terminals' modifiers between SS3 and the one byte that ECMA-48 has there.
bool isOldParameter(unsigned char byte) {
    return (byte >= '0' && byte <= '9') || byte == ';';
}

bool isNumber(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isKeyPressed(const Key& key) {
    switch (key.kind) {
        case Key::Kind::FocusIn:
        case Key::Kind::FocusOut:
        case Key::Kind::WheelUp:
        case Key::Kind::WheelDown:
            return false;
        default:
            return true;
    }
}

}  // namespace

void KeyDecoder::feed(std::string_view bytes, Keys& keys) {
    for (const char byte : bytes) take(static_cast<unsigned char>(byte), keys);
}

bool KeyDecoder::undecided() const {
    return state_ != State::Ground && state_ != State::Character && state_ != State::Paste;
}

void KeyDecoder::flush(Keys& keys) {
    if (!undecided()) return;
    if (doubled_) keys.push_back(kEscapeKey);
    doubled_ = false;
    if (state_ == State::Escape) {
        keys.push_back(kEscapeKey);
    } else if (hasOnlyBegun()) {
        keys.push_back({.text = std::string(1, introducer_), .meta = true});
    }
    reset();
}

void KeyDecoder::endPaste(Keys& keys) {
    if (!pasting()) return;
    keys.push_back(paste_.finish());
    reset();
}

// An ESC and one byte: as likely Meta as the beginning of a sequence.
bool KeyDecoder::hasOnlyBegun() const {
    const bool begun = state_ == State::Csi || state_ == State::Ss3 || state_ == State::String;
    return begun && pending_.empty() && passed_ == 0;
}

void KeyDecoder::take(unsigned char byte, Keys& keys) {
    switch (state_) {
        case State::Ground:
            return takeGround(byte, keys);
        case State::Character:
            return takeCharacter(byte, keys);
        case State::Escape:
            return takeEscape(byte, keys);
        case State::Csi:
        case State::Ss3:
            return takeSequence(byte, keys);
        case State::LinuxFunction:
            if (isFinal(byte))
                return emitSequence(keyOfLinuxConsole(static_cast<char>(byte)), keys);
            drop(keys);
            return takeGround(byte, keys);
        case State::MouseReport:
            return takeMouseReport(byte, keys);
        case State::String:
            return takeString(byte, keys);
        case State::StringEscape:
            return takeStringEscape(byte, keys);
        case State::Paste:
            if (!paste_.take(static_cast<char>(byte))) return;
            keys.push_back(paste_.finish());
            return reset();
    }
}

void KeyDecoder::takeGround(unsigned char byte, Keys& keys) {
    if (byte == kEscape) {
        state_ = State::Escape;
    } else if (byte < 0x80) {
        Key key = keyOfByte(byte);
        // M-C-j is what some terminals send for M-Enter.
        if (meta_ && byte == '\n') key = {.kind = Key::Kind::Enter};
        key.meta = meta_;
        keys.push_back(std::move(key));
        reset();
    } else if (bytesOfLead(byte) > 0) {
        state_ = State::Character;
        pending_.assign(1, static_cast<char>(byte));
    } else {
        reset();
    }
}

void KeyDecoder::takeCharacter(unsigned char byte, Keys& keys) {
    if (!isUtf8Continuation(byte)) {
        reset();
        return takeGround(byte, keys);
    }
    pending_ += static_cast<char>(byte);
    const auto lead = static_cast<unsigned char>(pending_.front());
    if (pending_.size() == bytesOfLead(lead)) finishCharacter(keys);
}

void KeyDecoder::finishCharacter(Keys& keys) {
    std::string_view rest = pending_;
    const char32_t c = utf8::next(rest);
    const bool shown = c != utf8::kInvalid && !utf8::isControl(c);
    if (shown) keys.push_back({.text = pending_, .meta = meta_});
    reset();
}

void KeyDecoder::takeEscape(unsigned char byte, Keys& keys) {
    switch (byte) {
        case kEscape:
            if (doubled_) keys.push_back(kEscapeKey);
            doubled_ = true;
            return;
        case '[':
            return begin(State::Csi, byte);
        case 'O':
            return begin(State::Ss3, byte);
        case ']':
        case 'P':
        case '_':
        case '^':
        case 'X':
            return begin(State::String, byte);
        default:
            drop(keys);
            meta_ = true;
            return takeGround(byte, keys);
    }
}

void KeyDecoder::begin(State state, unsigned char introducer) {
    state_ = state;
    introducer_ = static_cast<char>(introducer);
}

void KeyDecoder::takeSequence(unsigned char byte, Keys& keys) {
    // rxvt ends with "$" where ECMA-48 has more to come; a terminal's answers with one have another
    // sign or a second number before it.
    const bool csi = state_ == State::Csi;
    const bool rxvtShift = csi && byte == '$' && isNumber(pending_);
    const bool more = csi ? isParameter(byte) && !rxvtShift : isOldParameter(byte);
    if (more) {
        if (pending_.size() < kParameterBytesMax) pending_ += static_cast<char>(byte);
    } else if (isParameter(byte) || isFinal(byte)) {
        finishSequence(static_cast<char>(byte), keys);
    } else {
        drop(keys);
        takeGround(byte, keys);
    }
}

void KeyDecoder::finishSequence(char final, Keys& keys) {
    const bool csi = state_ == State::Csi;
    if (csi && pending_.empty() && final == '[') {
        state_ = State::LinuxFunction;
    } else if (csi && pending_.empty() && final == 'M') {
        state_ = State::MouseReport;
    } else if (csi && pending_ == kPasteBegins && final == '~') {
        drop(keys);
        state_ = State::Paste;
    } else if (pending_.size() == kParameterBytesMax) {
        drop(keys);
    } else {
        emitSequence(csi ? keyOfCsi(pending_, final) : keyOfSs3(pending_, final), keys);
    }
}

// Of two ESC the first one is Meta where a key follows, as rxvt has it; else it is itself a key.
void KeyDecoder::emitSequence(std::optional<Key> key, Keys& keys) {
    const bool pressed = key && isKeyPressed(*key);
    if (doubled_ && pressed) key->meta = true;
    if (doubled_ && !pressed) keys.push_back(kEscapeKey);
    if (key) keys.push_back(*std::move(key));
    reset();
}

void KeyDecoder::takeMouseReport(unsigned char byte, Keys& keys) {
    if (byte < 0x20) {
        drop(keys);
        takeGround(byte, keys);
        return;
    }
    if (passed_ == 0) pending_.assign(1, static_cast<char>(byte));
    if (++passed_ < kMouseReportBytes) return;
    emitSequence(keyOfMouse(static_cast<unsigned char>(pending_[0]) - kMouseReportBase), keys);
}

void KeyDecoder::takeString(unsigned char byte, Keys& keys) {
    if (byte == kEscape) {
        state_ = State::StringEscape;
        return;
    }
    const bool over = byte == kBell || byte == kCancel || byte == kSubstitute;
    if (over || ++passed_ > kStringBytesMax) drop(keys);
}

void KeyDecoder::takeStringEscape(unsigned char byte, Keys& keys) {
    drop(keys);
    if (byte == '\\') return;
    state_ = State::Escape;
    takeEscape(byte, keys);
}

// What was begun is nothing; an ESC before it was a key.
void KeyDecoder::drop(Keys& keys) {
    if (doubled_) keys.push_back(kEscapeKey);
    reset();
}

void KeyDecoder::reset() {
    state_ = State::Ground;
    meta_ = doubled_ = false;
    introducer_ = 0;
    pending_.clear();
    passed_ = 0;
}

}  // namespace netchat::connect
