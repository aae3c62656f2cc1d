#include "protocol/classic.h"

#include <algorithm>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/time_text.h"

namespace netchat::classic {

namespace {

using FieldState = FieldReader::State;

uint64_t textBytesMax(const FieldReader& fields) {
    return std::min<uint64_t>(limits::kTextBytesMax, largestLength(fields.width()));
}

// The name in an announcement: without the newline that the rule tolerates, and its percent signs.
std::string_view announcedName(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    while (text.ends_with('%')) text.remove_suffix(1);
    return text;
}

// What a failed field means where a file's bytes were due.
Error ofFileHeader(const Error& error, uint64_t fileBytesMax) {
    if (error.code != ErrorCode::TooLong) return error;
    return {ErrorCode::TooLarge, "the file is too large; at most " + std::to_string(fileBytesMax) +
                                     " bytes are accepted"};
}

Status appendChecked(std::string& out, size_t width, std::string_view payload) {
    if (payload.size() > largestLength(width)) {
        return Error{ErrorCode::TooLong, "a header of " + std::to_string(width) +
                                             " digits cannot announce " +
                                             std::to_string(payload.size()) + " bytes"};
    }
    appendField(out, width, payload);
    return Ok{};
}

Status appendCheckedHeader(std::string& out, size_t width, uint64_t length) {
    if (length > largestLength(width)) {
        return Error{ErrorCode::TooLong, "a header of " + std::to_string(width) +
                                             " digits cannot announce " + std::to_string(length) +
                                             " bytes"};
    }
    appendHeader(out, width, length);
    return Ok{};
}

}  // namespace

// ---- ClientReader

ClientReader::Event ClientReader::fail(Error error) {
    error_ = std::move(error);
    state_ = State::Failed;
    return Event::Failed;
}

ClientReader::Event ClientReader::next() {
    switch (state_) {
        case State::Name:
        case State::Text:
            return takeText();
        case State::FileHeader:
            return takeFileHeader();
        case State::FileBytes:
            return takeFileBytes();
        case State::Failed:
            break;
    }
    return Event::Failed;
}

ClientReader::Event ClientReader::takeText() {
    std::string_view payload;
    // UTF-32 takes four bytes a character, and a mark in front.
    const uint64_t most =
        state_ == State::Name ? 4 * (limits::kNickCodePointsMax + 1) : textBytesMax(fields_);
    const auto got = fields_.takeField(most, payload);
    if (got == FieldState::NeedMore) return Event::NeedMore;
    if (got == FieldState::Failed) return fail(fields_.error());
    const auto text = format_.charset.toUtf8(payload, buffer_);
    if (state_ == State::Name) {
        if (!text) return fail(text.error());
        text_ = *text;
        state_ = State::Text;
        return Event::Name;
    }
    if (!text) {
        error_ = text.error();
        return Event::BadText;
    }
    if (!matchesFileRule(*text)) {
        text_ = *text;
        return Event::Text;
    }
    std::string name(announcedName(*text));
    buffer_ = std::move(name);
    state_ = State::FileHeader;
    return takeFileHeader();
}

ClientReader::Event ClientReader::takeFileHeader() {
    const auto got = fields_.takeHeader(fileBytesMax_, fileSize_);
    if (got == FieldState::NeedMore) return Event::NeedMore;
    if (got == FieldState::Failed) {
        return fail(ofFileHeader(fields_.error(), fileBytesMax_));
    }
    text_ = buffer_;
    fileLeft_ = fileSize_;
    state_ = State::FileBytes;
    return Event::FileBegin;
}

ClientReader::Event ClientReader::takeFileBytes() {
    if (fileLeft_ == 0) {
        state_ = State::Text;
        return Event::FileEnd;
    }
    bytes_ = fields_.takeBytes(fileLeft_);
    fileLeft_ -= bytes_.size();
    return bytes_.empty() ? Event::NeedMore : Event::FileBytes;
}

// ---- ServerReader

ServerReader::Event ServerReader::fail(Error error) {
    error_ = std::move(error);
    state_ = State::Failed;
    return Event::Failed;
}

// Takes one field as text; false when `outcome` is to be returned instead. A server's text that is
// not valid is shown as well as possible: a client has nobody to refuse it to.
bool ServerReader::takeInto(std::string& out, Event& outcome) {
    std::string_view payload;
    const auto got = fields_.takeField(textBytesMax(fields_), payload);
    if (got == FieldState::NeedMore) {
        outcome = Event::NeedMore;
        return false;
    }
    if (got == FieldState::Failed) {
        outcome = fail(fields_.error());
        return false;
    }
    const auto text = format_.charset.toUtf8(payload, buffer_);
    out = text ? std::string(*text) : utf8::repaired(payload);
    return true;
}

ServerReader::Event ServerReader::next() {
    Event outcome = Event::NeedMore;
    for (;;) {
        switch (state_) {
            case State::User:
                if (!takeInto(user_, outcome)) return outcome;
                state_ = State::Text;
                break;
            case State::Text:
                if (!takeInto(text_, outcome)) return outcome;
                state_ = matchesFileRule(text_) ? State::FileHeader : State::Time;
                break;
            case State::FileHeader: {
                const auto got = fields_.takeHeader(fileBytesMax_, fileSize_);
                if (got == FieldState::NeedMore) return Event::NeedMore;
                if (got == FieldState::Failed) {
                    return fail(ofFileHeader(fields_.error(), fileBytesMax_));
                }
                text_ = std::string(announcedName(text_));
                fileLeft_ = fileSize_;
                state_ = State::FileBytes;
                return Event::FileBegin;
            }
            case State::FileBytes:
                if (fileLeft_ == 0) {
                    state_ = State::FileTime;
                    break;
                }
                bytes_ = fields_.takeBytes(fileLeft_);
                fileLeft_ -= bytes_.size();
                return bytes_.empty() ? Event::NeedMore : Event::FileBytes;
            case State::Time:
            case State::FileTime: {
                if (!takeInto(time_, outcome)) return outcome;
                const bool file = state_ == State::FileTime;
                state_ = State::User;
                return file ? Event::FileEnd : Event::Message;
            }
            case State::Failed:
                return Event::Failed;
        }
    }
}

// ---- writing

Status appendText(std::string& out, const Format& format, std::string_view text) {
    std::string buffer;
    return appendChecked(out, format.headerWidth, format.charset.fromUtf8(text, buffer));
}

Status appendMessageText(std::string& out, const Format& format, std::string_view text) {
    std::string buffer, bytes, back;
    auto sent = format.charset.fromUtf8(classicText(text, buffer), bytes);
    // A charset may spell a text in another way. What the receiver reads decides.
    if (text.ends_with('%') || text.ends_with("%\n")) {
        const auto read = format.charset.toUtf8(sent, back);
        std::string spaced;
        if (read && classicText(*read, spaced).size() != read->size()) {
            buffer = std::string(text) + ' ';
            sent = format.charset.fromUtf8(buffer, bytes);
        }
    }
    return appendChecked(out, format.headerWidth, sent);
}

Status appendFileStart(std::string& out, const Format& format, std::string_view name,
                       uint64_t size) {
    const size_t start = out.size();
    auto status = appendText(out, format, classicFileAnnouncement(name));
    if (status) status = appendCheckedHeader(out, format.headerWidth, size);
    if (!status) out.resize(start);
    return status;
}

Status appendMessage(std::string& out, const Format& format, std::string_view user,
                     std::string_view text, int64_t unixMs) {
    const size_t start = out.size();
    auto status = appendText(out, format, user);
    if (status) status = appendMessageText(out, format, text);
    if (status) status = appendText(out, format, classicTime(unixMs));
    if (!status) out.resize(start);
    return status;
}

Status appendFilePrefix(std::string& out, const Format& format, std::string_view user,
                        std::string_view name, uint64_t size) {
    const size_t start = out.size();
    auto status = appendText(out, format, user);
    if (status) status = appendFileStart(out, format, name, size);
    if (!status) out.resize(start);
    return status;
}

void appendFileSuffix(std::string& out, const Format& format, int64_t unixMs) {
    (void)appendText(out, format, classicTime(unixMs));
}

}  // namespace netchat::classic
