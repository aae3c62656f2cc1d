#pragma once

// The classic dialect: the original chat's protocol, exactly.
//
//   client to server     name              once, first
//                        text              a message, or
//                        name% , bytes     a file, where name% matches the file rule (names.h)
//   server to client     user, text, time            of everyone else
//                        user, name%, bytes, time
//
// Every item is one field (field.h) of the configured header width, in the configured charset.
// The readers hold one incomplete text at most; a file's bytes are streamed and never held.
// Pure; one thread at a time per object.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/charset.h"
#include "protocol/field.h"
#include "protocol/result.h"

namespace netchat::classic {

struct Format {
    size_t headerWidth;
    Charset& charset;
};

// What a server reads.
//
//     reader.feed(bytes);
//     while (event = reader.next(), event != Event::NeedMore && event != Event::Failed) ...
//     reader.release();
class ClientReader {
  public:
    enum class Event {
        NeedMore,
        Name,       // text(): the user's name, not yet checked
        Text,       // text(): a message
        BadText,    // a message that is not valid in the charset; error() says so; reading goes on
        FileBegin,  // text(): the name, without its %; fileSize()
        FileBytes,  // bytes()
        FileEnd,
        Failed,  // error(); nothing more can be read
    };

    // `named`: the name has been read, by another.
    ClientReader(const Format& format, uint64_t fileBytesMax, bool named = false)
        : format_(format),
          fields_(format.headerWidth),
          fileBytesMax_(fileBytesMax),
          state_(named ? State::Text : State::Name) {}

    void feed(std::string_view bytes) { fields_.feed(bytes); }
    void release() { fields_.release(); }
    Event next();

    // Valid until next().
    std::string_view text() const { return text_; }
    std::string_view bytes() const { return bytes_; }
    uint64_t fileSize() const { return fileSize_; }
    const Error& error() const { return error_; }
    bool inFile() const { return state_ == State::FileBytes; }
    // Bytes of what is half-read.
    size_t held() const { return fields_.held(); }
    // Named, and between two items.
    bool isIdle() const { return state_ == State::Text && fields_.isIdle(); }

  private:
    enum class State {
        Name,        // the first field is due
        Text,        // a text or a file's name is due
        FileHeader,  // a name% was read, its bytes' header is due
        FileBytes,   // fileLeft_ bytes of the file are due
        Failed,      // the stream makes no sense any more
    };

    Event takeText();
    Event takeFileHeader();
    Event takeFileBytes();
    Event fail(Error error);

    Format format_;
    FieldReader fields_;
    uint64_t fileBytesMax_;
    State state_;
    std::string buffer_;  // converted text, or a file's name
    std::string_view text_, bytes_;
    uint64_t fileSize_ = 0, fileLeft_ = 0;
    Error error_{ErrorCode::Internal, {}};
};

// What a client reads.
class ServerReader {
  public:
    enum class Event {
        NeedMore,
        Message,    // user(), text(), time()
        FileBegin,  // user(), text(): the name, without its %; fileSize()
        FileBytes,  // bytes()
        FileEnd,    // user(), text(), time()
        Failed,     // error()
    };

    ServerReader(const Format& format, uint64_t fileBytesMax)
        : format_(format), fields_(format.headerWidth), fileBytesMax_(fileBytesMax) {}

    void feed(std::string_view bytes) { fields_.feed(bytes); }
    void release() { fields_.release(); }
    Event next();

    const std::string& user() const { return user_; }
    const std::string& text() const { return text_; }
    const std::string& time() const { return time_; }
    std::string_view bytes() const { return bytes_; }
    uint64_t fileSize() const { return fileSize_; }
    const Error& error() const { return error_; }

  private:
    enum class State {
        User,        // a user name is due
        Text,        // a text or a file's name is due
        FileHeader,  // the header of the file's bytes is due
        FileBytes,   // fileLeft_ bytes are due
        Time,        // the time of a message is due
        FileTime,    // the time of a file is due
        Failed,
    };

    bool takeInto(std::string& out, Event& outcome);
    Event fail(Error error);

    Format format_;
    FieldReader fields_;
    uint64_t fileBytesMax_;
    State state_ = State::User;
    std::string user_, text_, time_, buffer_;
    std::string_view bytes_;
    uint64_t fileSize_ = 0, fileLeft_ = 0;
    Error error_{ErrorCode::Internal, {}};
};

// What a client writes. TooLong, and nothing written, when the header cannot say the length.
Status appendText(std::string& out, const Format& format, std::string_view text);
// The text of a message, changed so that its reader does not take it for a file's name.
Status appendMessageText(std::string& out, const Format& format, std::string_view text);
// A file's name and the header of its bytes, which follow.
Status appendFileStart(std::string& out, const Format& format, std::string_view name,
                       uint64_t size);

// What a server writes. Of a file, the bytes belong between the two parts.
Status appendMessage(std::string& out, const Format& format, std::string_view user,
                     std::string_view text, int64_t unixMs);
Status appendFilePrefix(std::string& out, const Format& format, std::string_view user,
                        std::string_view name, uint64_t size);
void appendFileSuffix(std::string& out, const Format& format, int64_t unixMs);

}  // namespace netchat::classic
