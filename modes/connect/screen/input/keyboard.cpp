#include "modes/connect/screen/input/keyboard.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kBeginMark = "\x1b[200~", kEndMark = "\x1b[201~";

// Whether a paste could have it in its text.
bool writes(const Key& key) {
    switch (key.kind) {
        case Key::Kind::Char:
        case Key::Kind::Enter:
        case Key::Kind::Tab:
        case Key::Kind::Paste:
            return true;
        default:
            return false;
    }
}

// Bytes at the end that may be the beginning of a mark, or of a character.
size_t unfinished(std::string_view text) {
    for (size_t size = std::min(text.size(), kEndMark.size() - 1); size > 0; --size) {
        const auto end = text.substr(text.size() - size);
        if (kBeginMark.starts_with(end) || kEndMark.starts_with(end)) return size;
    }
    size_t size = 0;
    while (size < std::min<size_t>(text.size(), 3)) {
        const auto byte = static_cast<unsigned char>(text[text.size() - ++size]);
        if (byte < 0x80) return 0;
        if (byte >= 0xC0) return utf8::isValid(text.substr(text.size() - size)) ? 0 : size;
    }
    return 0;
}

}  // namespace

Keyboard::Paste Keyboard::paste() const {
    if (decoder_.pasting()) return Paste::Coming;
    return doubting_ ? Paste::Doubted : Paste::None;
}

void Keyboard::feed(std::string_view bytes, int64_t nowMs, Keys& keys) {
    if (!doubting_) return feedTrusted(bytes, nowMs, keys);
    held_ += bytes;
    judge(nowMs, keys);
}

std::optional<int64_t> Keyboard::wakeAtMs() const {
    if (doubting_) return held_.empty() ? std::nullopt : std::optional(judgeAtMs_);
    return flushAtMs_ ? flushAtMs_ : watch_.endAtMs();
}

void Keyboard::wake(int64_t nowMs, Keys& keys) {
    if (doubting_ && !held_.empty()) return takeAlone(keys);
    if (std::exchange(flushAtMs_, std::nullopt)) return decoder_.flush(keys);
    if (!decoder_.pasting()) return;
    decoder_.endPaste(keys);
    noteLineEnd(keys.back().text);
    doubt(nowMs);
}

void Keyboard::feedTrusted(std::string_view bytes, int64_t nowMs, Keys& keys) {
    decoder_.feed(bytes, keys);
    flushAtMs_.reset();
    if (decoder_.undecided()) flushAtMs_ = nowMs + KeyDecoder::kEscapeMs;
    watch_.came(bytes.size(), decoder_.pasting(), nowMs);
}

// ---- the end of a paste is missing

void Keyboard::doubt(int64_t nowMs) {
    doubting_ = true;
    alone_ = 0;
    latestMs_ = nowMs - kAloneMs;  // it was silent before
    watch_.came(0, false, nowMs);
}

void Keyboard::trust() {
    doubting_ = false;
    held_.clear();
}

// What is held after more bytes came.
void Keyboard::judge(int64_t nowMs, Keys& keys) {
    if (takeMark(nowMs, keys)) return;
    KeyDecoder probe;
    Keys found;
    probe.feed(held_, found);
    const bool quiet = nowMs - latestMs_ >= kAloneMs;
    const bool still = std::none_of(found.begin(), found.end(), writes);
    const size_t rest = unfinished(held_);
    const bool begun = probe.undecided() || rest == held_.size();
    if (still && !begun) {
        keys.insert(keys.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
        held_.clear();
    } else if (found.size() + (begun ? 1 : 0) > 1 || (!quiet && !begun)) {
        takeText(held_.size() - rest, nowMs, keys);
    }
    judgeAtMs_ = nowMs + kAloneMs;
}

// The marks of a paste end the doubt: the late one, and those of another paste.
bool Keyboard::takeMark(int64_t nowMs, Keys& keys) {
    const size_t end = held_.find(kEndMark), begin = held_.find(kBeginMark);
    const size_t at = std::min(end, begin);
    if (at == std::string::npos) return false;
    const std::string rest = held_.substr(end < begin ? at + kEndMark.size() : at);
    if (at > 0) takeText(at, nowMs, keys);
    trust();
    feedTrusted(rest, nowMs, keys);
    return true;
}

void Keyboard::takeText(size_t size, int64_t nowMs, Keys& keys) {
    latestMs_ = nowMs;
    alone_ = 0;
    if (size == 0) return;
    const std::string before = lineEnded_ ? "\n" : "";
    keys.push_back({.kind = Key::Kind::Paste, .text = before + held_.substr(0, size)});
    held_.erase(0, size);
    noteLineEnd(keys.back().text);
}

void Keyboard::noteLineEnd(std::string_view text) {
    lineEnded_ = text.ends_with('\n') || text.ends_with('\r');
}

void Keyboard::takeAlone(Keys& keys) {
    KeyDecoder alone;
    const size_t before = keys.size();
    alone.feed(held_, keys);
    alone.flush(keys);
    held_.clear();
    latestMs_ = judgeAtMs_ - kAloneMs;
    lineEnded_ = false;
    if (keys.size() > before && ++alone_ >= kKeysAlone) trust();
}

}  // namespace netchat::connect
