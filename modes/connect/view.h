#pragma once

// What shows a chat to its user. The plain and the JSON view print lines; a screen would draw.

#include <span>
#include <string_view>

#include "modes/client/event.h"
#include "modes/client/transfer.h"
#include "modes/connect/file_list.h"
#include "modes/connect/formatter.h"

namespace netchat::connect {

enum class Level {
    Note,     // how it goes
    Trouble,  // something did not work
};

// Whether what is shown is seen.
enum class OutputState {
    Open,
    Closed,  // nobody reads any more
    Failed,  // it cannot be written: a full disk
};

// Loop thread only.
class View {
  public:
    virtual ~View() = default;
    virtual void show(const client::Event& event, const FormatContext& formatContext) = 0;
    // The answer to !files.
    virtual void showFiles(std::span<const KnownFile> files) = 0;
    // The answer to !transfers, with the number of each that is listed.
    virtual void showTransfers(const client::Transfers& transfers,
                               std::span<const size_t> numbers) = 0;
    // The answer to !help.
    virtual void showHelp() = 0;
    // A line of this program's own, for the user: made safe by whoever built it.
    virtual void status(Level level, std::string_view text) = 0;
    // Called once per turn of the loop.
    virtual OutputState flush() = 0;
};

}  // namespace netchat::connect
