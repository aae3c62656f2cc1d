#pragma once

// Lines for people: one per event on stdout; status, trouble and progress on stderr.

#include <string>

#include "modes/connect/input_row.h"
#include "modes/connect/output.h"
#include "modes/connect/progress_text.h"
#include "modes/connect/view.h"

namespace netchat::connect {

class PlainView : public View {
  public:
    struct Terminal {
        bool out = false;         // stdout is one
        bool err = false;         // stderr is one: progress moves there
        InputRow* row = nullptr;  // what is typed there; null: the terminal shows it by itself
        bool echoes = false;  // typed lines are on the screen already: one's own are not repeated
    };

    PlainView(int outFd, int errFd, Terminal terminal, client::WriteWait* wait = nullptr)
        : out_(outFd, wait), err_(errFd, wait), terminal_(terminal) {}

    void show(const client::Event& event, const FormatContext& formatContext) override;
    void showFiles(std::span<const KnownFile> files) override;
    void showTransfers(const client::Transfers& transfers,
                       std::span<const size_t> numbers) override;
    void showHelp() override;
    void status(Level level, std::string_view text) override;
    OutputState flush() override;

  private:
    void showProgress(const client::event::Progress& progress);
    void outLine(std::string_view text);
    void errLine(std::string_view text);
    void clearMoving();
    void hideRow();

    Output out_, err_;
    const Terminal terminal_;
    ProgressSteps steps_;
    size_t movingColumns_ = 0;  // how much of the terminal's line the moving progress covers
};

}  // namespace netchat::connect
