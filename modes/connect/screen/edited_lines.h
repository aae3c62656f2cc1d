#pragma once

// The input of the client of lines at a terminal: the line that is typed is drawn by this program,
// so that what arrives meanwhile never lands in it.
//
//     terminal --keys--> Keyboard --> EditedRow --lines--> Reader
//     terminal <--bytes------------------'  ^--hide, show-- PlainView
//
// The terminal gives its keys one by one from construction to destruction; its signals stay as they
// are. Where it can, it marks what is pasted. It is put back by the destructor and by
// TerminalRescue.

#include <termios.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "modes/connect/input.h"
#include "modes/connect/input_row.h"
#include "modes/connect/output.h"
#include "modes/connect/screen/edited_row.h"
#include "modes/connect/screen/input/keyboard.h"
#include "modes/net/event_loop.h"

namespace netchat::connect {

// Loop thread only. The descriptors are borrowed, and keep their flags.
class EditedLines : public Input, public InputRow, private net::Watcher {
  public:
    // Whether both are one terminal in the foreground that edits and echoes lines itself. Where it
    // does not, somebody else does, as in an editor's window.
    static bool fits(int in, int out);

    // `marksPastes`: the terminal can say where a paste begins and ends.
    EditedLines(net::EventLoop& loop, int in, int out, bool marksPastes);
    ~EditedLines() override;
    EditedLines(const EditedLines&) = delete;
    EditedLines& operator=(const EditedLines&) = delete;

    // Lines that were typed before are told then.
    void start(Reader& reader) override;
    // Lines are still typed meanwhile, and told later.
    void setPaused(bool paused) override;

    void hide() override;
    void show() override;
    void setIdle(std::string text) override;

    // For whoever watches signals: the process is to be stopped as C-z does it, and goes on.
    void stopped();
    void continued();

  private:
    // Lines that wait to be told; beyond them keys wait in the terminal.
    static constexpr size_t kWaitingMax = 256;

    struct Entered {
        std::string text;
        bool pasted = false;
    };
    // A line, or that one was too long.
    using Line = std::optional<Entered>;

    void onReady(uint32_t events) override;
    void enter();
    void wakeLater();
    void take(const std::vector<Key>& keys);
    void entered();
    void tell();
    void watch();
    void draw();
    void write(std::string_view bytes);

    net::EventLoop& loop_;
    const int in_, out_;
    const bool marksPastes_;
    Output output_;
    Keyboard keyboard_;
    EditedRow row_;
    std::deque<Line> waiting_;
    bool ended_ = false;    // no keys follow
    bool endTold_ = false;  // and the reader knows
    bool paused_ = false;
    bool hidden_ = false;
    bool watching_ = false;
    Reader* reader_ = nullptr;
    net::EventLoop::TimerId waking_ = 0;
};

}  // namespace netchat::connect
