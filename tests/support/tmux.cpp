#include "tests/support/tmux.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/support/raw_socket.h"
#include "tests/support/steady_ms.h"

namespace netchat::test {

namespace {

// The window of the shell; the other one is what the session looks at, so that bells are flagged.
constexpr std::string_view kPane = ":0.0";
constexpr size_t kPieceBytes = 500;  // of what is typed in a command

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// For sh.
std::string inQuotes(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

// For tmux.
std::string escaped(std::string_view text) {
    std::string all = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all += '\\';
        for (const int shift : {6, 3, 0}) all += static_cast<char>('0' + (byte >> shift & 7));
    }
    return all + "\"";
}

constexpr std::string_view kConfiguration =
    "set -g status off\n"
    "set -g exit-unattached on\n"
    "set -g monitor-bell on\n"
    "set -g allow-rename off\n"
    "set -s escape-time 0\n"
    "set -s set-clipboard on\n";

// What it says of its mode, it says only where that has changed.
constexpr std::string_view kShell =
    "PS1='$ '\n"
    "ulimit -c 0\n"
    "alias chat='mode=$(stty -g); . $HOME/arguments; status=$?; echo \"ended $status\"; "
    "test \"$mode\" = \"$(stty -g)\" || echo \"the mode is another\"'\n";

}  // namespace

Process::Options Tmux::options(const Options& options) const {
    const std::string home = home_.path().string();
    const std::string configuration =
        std::string(kConfiguration) + "set -g default-terminal " + escaped(options.term) + "\n";
    const auto file = home_.write("tmux.conf", configuration);
    const auto shell = home_.write("shell", kShell);
    std::map<std::string, std::string> environment = {{"HOME", home},
                                                      {"XDG_STATE_HOME", home + "/state"},
                                                      {"LANG", "C.UTF-8"},
                                                      {"ENV", shell.string()},
                                                      {"TERM", "xterm"}};
    for (const auto& [name, value] : options.environment) environment[name] = value;
    return {.arguments = {"-S", home + "/tmux", "-f", file.string(), "-C", "new-session", "-x",
                          std::to_string(options.width), "-y", std::to_string(options.height), "sh",
                          "-i"},
            .environment = environment,
            .folder = home_.path(),
            .program = "tmux"};
}

Tmux::Tmux(const Options& wanted) : control_(options(wanted)) {
    control_.waitForLine("%session-changed ");
    command("new-window -d -t :1 'sleep 1000000'");
    command("resize-window -t :0 -x " + std::to_string(wanted.width) + " -y " +
            std::to_string(wanted.height));
    command("select-window -t :1");
    sees("$");
}

// The server ends its programs with SIGHUP.
Tmux::~Tmux() {
    control_.write("kill-server\n");
    try {
        control_.waitForExit();
    } catch (const std::exception&) {
        // It is killed by its Process then.
    }
}

// ---- what is done

void Tmux::runs(const std::vector<std::string>& arguments) {
    std::string line = NETCHAT_BINARY;
    for (const std::string& argument : arguments) line += " " + inQuotes(argument);
    home_.write("arguments", line + "\n");
    this->line("chat");
}

void Tmux::signal(int number) {
    std::ifstream file("/proc/" + value("#{pane_pid}") + "/stat");
    std::string text;
    std::getline(file, text);
    // pid (name) state ppid pgrp session tty tpgid
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    pid_t foreground = 0;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    fields >> foreground;
    if (foreground <= 1) throw std::runtime_error(failure("nothing is in the foreground"));
    ::kill(-foreground, number);
}

void Tmux::types(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    while (!text.empty()) {
        const std::string_view piece = text.substr(0, kPieceBytes);
        text.remove_prefix(piece.size());
        std::string bytes;
        for (const char c : piece) {
            const auto byte = static_cast<unsigned char>(c);
            bytes.append({' ', kDigits[byte >> 4], kDigits[byte & 15]});
        }
        command("send-keys -t " + std::string(kPane) + " -H" + bytes);
    }
}

void Tmux::key(std::string_view name) {
    command("send-keys -t " + std::string(kPane) + " " + escaped(name));
}

void Tmux::pastes(std::string_view text) {
    paste(text, true);
}

void Tmux::pastesUnmarked(std::string_view text) {
    paste(text, false);
}

void Tmux::paste(std::string_view text, bool marked) {
    command("set-buffer -b paste " + escaped(text));
    command("paste-buffer -b paste -d " + std::string(marked ? "-p " : "") + "-t " +
            std::string(kPane));
}

void Tmux::resize(int width, int height) {
    command("resize-window -t :0 -x " + std::to_string(width) + " -y " + std::to_string(height));
}

// ---- what is seen

std::string Tmux::screen() {
    return command("capture-pane -p -t " + std::string(kPane));
}

std::vector<std::string> Tmux::rows() {
    return linesOf(screen());
}

std::string Tmux::joined() {
    return command("capture-pane -p -J -t " + std::string(kPane));
}

std::string Tmux::styled() {
    return command("capture-pane -p -e -t " + std::string(kPane));
}

std::string Tmux::value(std::string_view format) {
    std::string answer =
        command("display-message -p -t " + std::string(kPane) + " " + escaped(format));
    if (!answer.empty()) answer.pop_back();
    return answer;
}

Tmux::Cursor Tmux::cursor() {
    std::istringstream text(value("#{cursor_x} #{cursor_y} #{cursor_flag}"));
    Cursor cursor;
    text >> cursor.column >> cursor.row >> cursor.visible;
    return cursor;
}

std::string Tmux::clipboard() {
    return command("list-buffers");
}

// ---- what is waited for

std::string Tmux::seesThat(std::string_view what,
                           const std::function<bool(const std::string&)>& is) {
    std::string seen;
    await(what, [&] { return is(seen = screen()); });
    return seen;
}

std::string Tmux::sees(std::string_view text) {
    return seesThat("'" + std::string(text) + "'", [&](const std::string& screen) {
        return screen.find(text) != std::string::npos;
    });
}

std::string Tmux::seesNot(std::string_view text) {
    return seesThat("no '" + std::string(text) + "'", [&](const std::string& screen) {
        return screen.find(text) == std::string::npos;
    });
}

std::string Tmux::seesLine(const std::string& pattern) {
    const std::regex wanted(pattern);
    return seesThat("a line like '" + pattern + "'", [&](const std::string& screen) {
        for (const std::string& line : linesOf(screen)) {
            if (std::regex_search(line, wanted)) return true;
        }
        return false;
    });
}

void Tmux::hasValue(std::string_view format, std::string_view wanted) {
    await(std::string(format) + " to be '" + std::string(wanted) + "'",
          [&] { return value(format) == wanted; });
}

// Whatever comes may have changed the screen; what came before the answer, the answer knows of.
void Tmux::await(std::string_view what, const std::function<bool()>& look) {
    const int64_t deadline = nowMs() + kPatienceMs;
    while (!look()) {
        std::string trouble = nowMs() > deadline ? "the time is up" : "";
        try {
            if (trouble.empty()) control_.waitForLine("");
        } catch (const std::exception&) {
            trouble = control_.running() ? "nothing more was put out" : "tmux has ended";
        }
        if (trouble.empty()) continue;
        throw std::runtime_error(failure("waited for " + std::string(what) + ", but " + trouble));
    }
}

std::string Tmux::failure(const std::string& what) {
    if (!control_.running()) return what + "; tmux has ended";
    const Cursor at = cursor();
    return what + "; cursor at column " + std::to_string(at.column) + " of row " +
           std::to_string(at.row) + "\n--- screen:\n" + screen() + "---";
}

// "%begin TIME NUMBER FLAGS", the answer, "%end TIME NUMBER FLAGS" or "%error ...". What was put
// out meanwhile stands before and after, as other lines with a "%".
std::string Tmux::command(const std::string& line) {
    control_.write(line + "\n");
    std::string begin;
    // The third is 1 of what was asked here, and 0 of what tmux was started with.
    while (!begin.starts_with("%begin ") || !begin.ends_with(" 1"))
        begin = control_.waitForLine("");
    const std::string number = begin.substr(begin.find(' '));
    std::string answer;
    for (;;) {
        const std::string next = control_.waitForLine("");
        if (next == "%end" + number) return answer;
        if (next == "%error" + number) {
            throw std::runtime_error("tmux refuses '" + line + "': " + answer);
        }
        answer += next + "\n";
    }
}

}  // namespace netchat::test
