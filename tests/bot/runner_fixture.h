#pragma once

// Runs a script against FakeChats.

#include <gtest/gtest.h>

#include "modes/bot/parser.h"
#include "modes/bot/runner.h"
#include "tests/bot/fake_chat.h"
#include "tests/support/temp_folder.h"

namespace netchat::bot {

class RunnerTest : public testing::Test {
  protected:
    // Runs a script to its end; returns its exit code.
    int run(const std::string& text) {
        ParseOptions parse;
        parse.name = "test.bot";
        parse.variables = variables;
        Parsed parsed = parseScript(text, parse);
        for (const ParseError& error : parsed.errors) ADD_FAILURE() << errorLine("test", error);
        RunSettings settings;
        settings.downloads = folder.path();
        settings.variables = variables;
        settings.deadlineMs = deadlineMs;
        settings.print = [this](const std::string& line) { printed += line + "\n"; };
        settings.put = [this](const std::string& line) { return put(line); };
        Runner runner(loop, chats.factory(), std::move(parsed.script), std::move(settings),
                      [this](const Outcome& end) {
                          outcome = end;
                          loop.stop();
                      });
        runner.start();
        auto guard = loop.after(20'000, [this] {
            ADD_FAILURE() << "the script did not end";
            loop.stop();
        });
        if (meanwhile) loop.after(0, [&] { meanwhile(runner); });
        loop.run();
        loop.cancel(guard);
        return outcome.code;
    }

    test::TempFolder folder;
    net::EventLoop loop;
    FakeChats chats{loop};
    Variables variables;
    std::optional<int64_t> deadlineMs;
    std::function<void(Runner&)> meanwhile;
    std::string printed;  // for people
    std::string output;
    std::function<Outcome(const std::string&)> put = [this](const std::string& line) {
        output += line + "\n";
        return Outcome{};
    };
    Outcome outcome;
};

}  // namespace netchat::bot
