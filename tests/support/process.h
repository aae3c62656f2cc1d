#pragma once

// The built program as a child process: its pipes with deadlines, its signals, its end. Killed with
// its test. The environment is a small clean one, so that the machine's cannot change a test.

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::test {

// One thread. A deadline that passes is a std::runtime_error with all that the process said.
class Process {
  public:
    struct Options {
        std::vector<std::string> arguments;                   // after the program's name
        std::map<std::string, std::string> environment = {};  // besides HOME, USER, PATH, TZ
        std::filesystem::path folder = {};                    // to run in; empty: the test's
        std::string program = {};                             // empty: netchat
    };

    explicit Process(const Options& options);
    // netchat with these arguments.
    explicit Process(const std::vector<std::string>& arguments) : Process(Options{arguments}) {}
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // To its stdin; a process that ended does not mind.
    void write(std::string_view text);
    void writeLine(std::string_view line) { write(std::string(line) + "\n"); }
    void closeInput();

    // The next line of stdout (stderr) that contains `part`; those before it are skipped.
    std::string waitForLine(std::string_view part) { return waitIn(out_, part); }
    std::string waitForErrorLine(std::string_view part) { return waitIn(err_, part); }

    // Its exit code, or 128 + the signal that ended it, once it has ended by itself.
    int waitForExit();
    void signal(int number);
    bool running();
    pid_t pid() const { return pid_; }

    // Everything said so far, or all of it after waitForExit().
    const std::string& output() const { return out_.text; }
    const std::string& errors() const { return err_.text; }

  private:
    struct Stream {
        int fd = -1;
        std::string text;
        size_t seen = 0;  // where the next search begins
    };

    std::string waitIn(Stream& stream, std::string_view part);
    // Waits for anything to happen, and takes it; false at the deadline.
    bool pump(int64_t deadlineMs, bool wantsWrite);
    void drain(Stream& stream);
    std::string everything() const;

    pid_t pid_ = -1;
    int pidFd_ = -1;
    int inFd_ = -1;
    Stream out_, err_;
};

}  // namespace netchat::test
