#include "modes/client/event.h"

namespace netchat::client {

std::string_view kindName(EventKind kind) {
    switch (kind) {
        case EventKind::Connected:
            return "connected";
        case EventKind::Disconnected:
            return "disconnected";
        case EventKind::Reconnecting:
            return "reconnecting";
        case EventKind::Joined:
            return "joined";
        case EventKind::Left:
            return "left";
        case EventKind::Message:
            return "message";
        case EventKind::Confirmed:
            return "confirmed";
        case EventKind::Private:
            return "private";
        case EventKind::File:
            return "file";
        case EventKind::FileReceived:
            return "file-received";
        case EventKind::FileFailed:
            return "file-failed";
        case EventKind::Progress:
            return "progress";
        case EventKind::Uploaded:
            return "uploaded";
        case EventKind::Presence:
            return "presence";
        case EventKind::Named:
            return "named";
        case EventKind::Roster:
            return "roster";
        case EventKind::RoomList:
            return "room-list";
        case EventKind::HistoryPage:
            return "history-page";
        case EventKind::HistoryEnd:
            return "history-end";
        case EventKind::SearchPage:
            return "search-page";
        case EventKind::SearchEnd:
            return "search-end";
        case EventKind::Pong:
            return "pong";
        case EventKind::Gap:
            return "gap";
        case EventKind::LogChanged:
            return "log-changed";
        case EventKind::Notice:
            return "notice";
        case EventKind::Refused:
            return "refused";
    }
    return "unknown";
}

}  // namespace netchat::client
