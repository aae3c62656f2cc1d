#pragma once

// All that the screen shows, as plain data: reducer (events) and typing (keys) change it, render()
// draws it. Remote text in it is SafeText; names that are sent back to the server stand beside
// theirs as they came. One thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/client/nick_set.h"
#include "modes/connect/file_list.h"
#include "modes/connect/screen/finding.h"
#include "modes/connect/screen/input/completion.h"
#include "modes/connect/screen/input/keyboard.h"
#include "modes/connect/screen/order.h"
#include "modes/connect/screen/rooms.h"
#include "modes/connect/screen/settings.h"
#include "modes/connect/screen/text/safe_text.h"
#include "modes/connect/screen/transfer_board.h"

namespace netchat::connect {

// One moment by both clocks.
struct Moment {
    int64_t wallMs = 0;  // Unix time, for people
    int64_t monoMs = 0;  // for differences
};

// What the model wants of the terminal and its owner besides being drawn.
struct UiEffects {
    bool bell = false;
    bool redraw = false;    // C-l
    bool suspend = false;   // C-z
    bool save = false;      // something came that the next run needs
    bool quit = false;      // it is over
    std::string last = {};  // quit: what is to be read when the screen is gone
    // A file to be shown as blocks, in the room that is looked at.
    struct Preview {
        std::string path, name, room;
        bool isPrivate = false;
    };
    std::vector<Preview> previews;
    // What is to be told to the desktop; safe and short.
    std::string notification = {};
    // Settings that are to be kept; no value: it is as where nobody has set it.
    struct Kept {
        std::string name;
        std::optional<std::string> value;
    };
    std::vector<Kept> kept;
};

struct ScreenState {
    struct Options {
        std::string server;  // "192.168.1.7:6121"
        std::string nick;    // wanted; the server may say another
        std::string home;    // what ~ stands for
        bool classic = false;
        bool since = false;           // rooms begin where an earlier run ended
        bool anyRoom = false;         // nobody said with which room to begin
        std::string downloads = {};   // where files go, if the user has not said it: it is told
        unsigned historyEntries = 0;  // fetched when a room is entered; 0: only when asked for
        std::vector<KnownFile> files = {};  // of earlier runs
    };
    explicit ScreenState(Options what, Settings set = {})
        : options(std::move(what)), nick(options.nick), settings(std::move(set)) {}

    enum class Connection {
        Connecting,  // for the first time
        Connected,
        Away,     // lost; it is tried again
        Ended,    // lost for good, or refused: !reconnect tries again
        Leaving,  // !exit: what is on its way is waited for
        Left,     // in good order
    };

    const Options options;
    Connection connection = Connection::Connecting;
    bool connectedOnce = false;
    SafeText why = {};       // Away, Ended
    int64_t retryAtMs = 0;   // Away: monotonic
    int64_t latencyMs = -1;  // -1: not known
    std::string nick;        // as the server has it
    uint64_t user = 0;

    Rooms rooms;
    TransferBoard transfers;
    FileList files;
    std::vector<std::string> listedRooms;  // of the last !rooms
    // Files above the limit that came while somebody looks: numbers of FileList, the oldest first.
    std::deque<unsigned> offered;
    std::set<std::string> fetched;  // by hand, and not here yet: SHA-256
    client::NickSet ignored;
    // Where files are, for !preview: name and path, the latest last.
    static constexpr size_t kPathsMax = 1000;
    std::deque<std::pair<std::string, std::string>> paths;
    void rememberPath(std::string_view name, std::string_view path) {
        if (paths.size() == kPathsMax) paths.pop_front();
        paths.emplace_back(name, path);
    }

    Finding finding;
    Settings settings;

    bool helpShown = false;
    int helpTop = 0;                   // its first row that is shown
    std::optional<bool> rosterWanted;  // none: it is shown where there is room for it
    // The messages alone, for selecting: M-l. What is looked at stays as it is.
    struct Bare {
        bool followed = false;  // before, the end was looked at as it grows
    };
    std::optional<Bare> bare;
    bool focused = true;
    Keyboard::Paste paste = Keyboard::Paste::None;
    std::optional<int64_t> escapedMs;  // when Escape was pressed that did nothing (monotonic)
    Completion completion;

    int width = 80, height = 24;
    Moment now = {};  // of the frame

    std::vector<ClientCommand> orders;
    UiEffects effects;
};

}  // namespace netchat::connect
