#pragma once

// A Client over real sockets, in a loop that a test turns until something has happened.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string_view>

#include "modes/client/client.h"
#include "modes/net/event_loop.h"
#include "modes/net/process.h"
#include "tests/client/recorder.h"
#include "tests/client/small_server.h"
#include "tests/support/temp_folder.h"

namespace netchat::client::fixtures {

class ClientTest : public ::testing::Test {
  protected:
    ClientTest() {
        net::prepareProcess();
        options.nick = "alice";
        options.downloads = folder.path();
    }
    Client& make(uint16_t port) {
        options.server.port = port;
        client = std::make_unique<Client>(loop, options, recorder);
        client->join("lobby");
        client->start();
        return *client;
    }
    // Runs turns until `done`; a bound for a test that fails, no pace.
    bool until(const std::function<bool()>& done) {
        bool late = false;
        const auto patience = loop.after(20'000, [&] { late = true; });
        loop.onTurnEnd([&] {
            if (late || done()) loop.stop();
        });
        loop.post([] {});
        loop.run();
        loop.onTurnEnd({});
        loop.cancel(patience);
        return !late;
    }
    bool untilTold(std::string_view line) {
        return until([&] { return recorder.has(line); });
    }

    test::TempFolder folder, files;
    net::EventLoop loop;
    Recorder recorder;
    Options options;
    std::unique_ptr<Client> client;
};

}  // namespace netchat::client::fixtures
