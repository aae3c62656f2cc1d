#pragma once

// The full-screen client: the UI thread with the model and the terminal, and a network thread with
// the client.
//
//     keyboard ─bytes─▶ KeyDecoder ─▶ Model ─orders─▶ ClientWorker ─▶ client::Client      network
//     thread terminal ◀─bytes─ ScreenWriter ◀─grid─┘  ◀─EventQueue─┘
//
// Keys are echoed at once; what the network brings is drawn at most thirty times a second, and not
// before the terminal has taken the frame before.

#include <cstdint>
#include <string>

#include "modes/client/client.h"
#include "modes/client/state_file.h"
#include "modes/connect/screen/settings.h"
#include "modes/connect/screen/terminal/terminal.h"
#include "modes/net/event_loop.h"

namespace netchat::connect {

class ScreenApp {
  public:
    struct Options {
        client::Options client;
        std::string room;
        std::string home;
        unsigned historyEntries = 0;
        client::Since since = {};
        std::shared_ptr<client::StateFile> memory = {};
        bool tellsDownloads = false;  // the user has not said where files go
        Settings settings = {};
        std::string memoryFile = {};    // what a run leaves for the next; empty: nowhere
        bool anyRoom = false;           // `room` is a default: one of an earlier run is as good
        std::string settingsFile = {};  // where !set keeps them; empty: nowhere
        bool color = true;
        bool mouse = true;
    };
    struct Outcome {
        bool inOrder = true;  // false: refused, or the server was lost
        std::string last;     // for the user, when the screen is gone; may be empty
        // A thread waits for a name server or a disk: this object can't be destroyed, and the
        // process is to end without.
        bool hangs = false;
    };

    // `loop` is the calling thread's; `terminal` is not entered yet.
    ScreenApp(net::EventLoop& loop, Options options, Terminal& terminal);
    ~ScreenApp();

    // Runs the loop until it is over, or somebody stops it.
    Outcome run();

    // ---- for whoever watches signals; the loop's thread
    void windowChanged();
    void stopped();  // the process is to be stopped as C-z does it
    void continued();

  private:
    class Network;
    class RealFolders;
    class Ui;
    std::unique_ptr<Ui> ui_;
};

}  // namespace netchat::connect
