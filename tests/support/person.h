#pragma once

// Somebody at `netchat connect`, with a folder for downloads.

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {

class Person {
  public:
    // Does not wait: what is typed waits until the room is entered.
    Person(const std::string& server, const std::string& nick,
           const std::vector<std::string>& arguments = {})
        : process_(options(server, nick, arguments)) {}

    void type(std::string_view line) { process_.writeLine(line); }
    // The next line of stdout that contains this.
    std::string sees(std::string_view part) { return process_.waitForLine(part); }
    std::string isTold(std::string_view part) { return process_.waitForErrorLine(part); }
    void isInside() { sees("* you are in "); }
    // Ends the input and waits for the end.
    int leaves() {
        process_.closeInput();
        return process_.waitForExit();
    }
    Process& process() { return process_; }
    const TempFolder& downloads() const { return downloads_; }

  private:
    Process::Options options(const std::string& server, const std::string& nick,
                             const std::vector<std::string>& arguments) const {
        std::vector<std::string> all = {"connect",   server,        "--nick",
                                        nick,        "--downloads", downloads_.path().string(),
                                        "--commands"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return {all};
    }

    TempFolder downloads_;
    Process process_;
};

}  // namespace netchat::test
