#include "protocol/result.h"

namespace netchat {

std::string_view errorName(ErrorCode code) {
    switch (code) {
        case ErrorCode::BadHeader:
            return "bad-header";
        case ErrorCode::TooLong:
            return "too-long";
        case ErrorCode::BadHead:
            return "bad-head";
        case ErrorCode::BadVerb:
            return "bad-verb";
        case ErrorCode::BadText:
            return "bad-text";
        case ErrorCode::BadNick:
            return "bad-nick";
        case ErrorCode::NickInUse:
            return "nick-in-use";
        case ErrorCode::BadRoom:
            return "bad-room";
        case ErrorCode::NotInRoom:
            return "not-in-room";
        case ErrorCode::NoSuchNick:
            return "no-such-nick";
        case ErrorCode::BadName:
            return "bad-name";
        case ErrorCode::BadId:
            return "bad-id";
        case ErrorCode::NoSuchFile:
            return "no-such-file";
        case ErrorCode::NoSuchTransfer:
            return "no-such-transfer";
        case ErrorCode::BadOffset:
            return "bad-offset";
        case ErrorCode::BadHash:
            return "bad-hash";
        case ErrorCode::TooLarge:
            return "too-large";
        case ErrorCode::TooMany:
            return "too-many";
        case ErrorCode::NoRoom:
            return "no-room";
        case ErrorCode::BadState:
            return "bad-state";
        case ErrorCode::Timeout:
            return "timeout";
        case ErrorCode::TooFast:
            return "too-fast";
        case ErrorCode::NeedsTls:
            return "needs-tls";
        case ErrorCode::BadPassword:
            return "bad-password";
        case ErrorCode::Banned:
            return "banned";
        case ErrorCode::Kicked:
            return "kicked";
        case ErrorCode::Muted:
            return "muted";
        case ErrorCode::NotOperator:
            return "not-operator";
        case ErrorCode::Untrusted:
            return "untrusted";
        case ErrorCode::Closing:
            return "closing";
        case ErrorCode::BadValue:
            return "bad-value";
        case ErrorCode::Internal:
            return "internal";
    }
    return "internal";
}

}  // namespace netchat
