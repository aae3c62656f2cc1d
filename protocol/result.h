#pragma once

// Errors as values. What the other side did wrong is never an exception here: it is an Error, whose
// code travels in v2's `error` frame and whose text is one line for a person.

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace netchat {

// The names of these on the wire are errorName()'s; protocol/README.md documents each but the one
// that is never on it.
enum class ErrorCode {
    BadHeader,       // a header that is not digits padded with spaces
    TooLong,         // a length, text, head or name above its limit
    BadHead,         // a head line that is not LTSV, or lacks a label
    BadVerb,         // a verb that this side does not know
    BadText,         // a text that is not valid in its encoding
    BadNick,         // a nick that breaks the rule for nicks
    NickInUse,       // somebody else present has this nick
    BadRoom,         // a room name that breaks the rule for rooms
    NotInRoom,       // the room must be joined first
    NoSuchNick,      // nobody present has this nick
    BadName,         // a file name that breaks the rule for file names
    BadId,           // an id that is empty, too long or not printable
    NoSuchFile,      // the store does not have these bytes
    NoSuchTransfer,  // data for a transfer that this session does not have
    BadOffset,       // data that does not continue where the transfer stands
    BadHash,         // the bytes received are not those that were offered
    TooLarge,        // a file above the server's limit
    TooMany,         // a count above its limit
    NoRoom,          // the disk or the quota is full
    BadState,        // the right verb at the wrong moment
    Timeout,         // the other side took too long
    TooFast,         // more in a second than one user may
    NeedsTls,        // spoken in plain where only TLS is served
    BadPassword,     // the server has a password, and this is not it
    Banned,          // an operator has banned this address, network or nick
    Kicked,          // an operator has ended this connection
    Muted,           // an operator has muted this user
    NotOperator,     // an operator's command from one who is none
    Untrusted,       // the server is not the one that it was, or that it should be
    Closing,         // the server is shutting down
    BadValue,        // an option, a setting or a file of this machine; never in v2
    Internal,        // our own fault
};

// The code's name on the wire, such as "bad-header".
std::string_view errorName(ErrorCode code);

struct Error {
    ErrorCode code;
    std::string text;  // one line that says what was wrong and what would be right
};

// Either a value or an Error. Reading the one that is not there is our own bug.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return state_.index() == 0; }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    T& value() {
        assert(*this);
        return *std::get_if<0>(&state_);
    }
    const T& value() const {
        assert(*this);
        return *std::get_if<0>(&state_);
    }
    const Error& error() const {
        assert(!*this);
        return *std::get_if<1>(&state_);
    }

  private:
    std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

}  // namespace netchat
