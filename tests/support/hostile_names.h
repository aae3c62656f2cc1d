#pragma once

// File names that were made to do harm, by the harm they mean. Whoever receives files, in whatever
// dialect, must make something safe of each.

#include <string>
#include <vector>

namespace netchat::test {

inline std::vector<std::string> hostileNames() {
    using namespace std::string_literals;
    // A line for each kind of harm, not for each name.
    // clang-format off
    std::vector<std::string> names = {
        // out of the folder
        "", ".", "..", "...", "/", "//", "./", "../", "../x", "../../etc/passwd", "a/../../b",
        "..\\x", "..\\..\\windows\\system32", "/etc/passwd", "/tmp/x", "//server/share", "a/b",
        "a\\b", "C:\\x", "\\\\server\\share", "./.ssh/authorized_keys", "%2e%2e%2fx", "..%2fx",
        "%2e%2e/x", "....//x", "..;/x", "~/x", "a/", "a/.", "a/..", "\u2025/x",
        // files that others act upon
        ".bashrc", ".ssh", ".netchat-0.part", ".netchat-1-1.part", ". .", " .profile", ".git",
        ".htaccess", ".\u00A0",
        // what ends it early
        "a\0.txt"s, "\0"s, "../\0x"s, "x.png\0.sh"s,
        // dots and spaces that Windows drops
        "a.", "a..", "a ", "a. ", "a .", " a", "  ", ". ", " .", "a.txt.", "a.txt ", ".a.",
        // devices of Windows
        "CON", "con", "PRN", "AUX", "NUL", "nul", "COM1", "com9", "LPT1", "lpt9", "CON.txt",
        "nul.tar.gz", "Aux.h", "COM1.log", "CONIN$", "CONOUT$", "con ", "con.", "COM\u00B9",
        "LPT\u00B3.txt", "CON .txt", "nul:", "con:x",
        // terminals and logs
        "\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "a\nb", "a\rb", "a\tb", "\x07", "\x7f",
        "\xc2\x9b" "31m", "\x9b" "31m", "a\n2026-01-01 notice all is well", "\x01", "\x1f",
        // what reads otherwise than it is
        "photo\u202Egnp.exe", "\u202Dabc", "a\u2066b\u2069", "\u200Fx", "\u200Ex", "x\u061Cy",
        "\u2028x", "x\u2029", "\uFEFFx", "a\u200Bb",
        // bytes that are no text
        "\xff", "\xc0\xaf", "\xc0\xae\xc0\xae/", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "a\xc3", "\xe2\x82", "\xfe\xfe\xff\xff",
        // arguments, streams and markup
        "-rf", "--help", "file.txt:stream", "file.txt::$DATA", "$(reboot)", "`reboot`", "a;reboot",
        "a|b", "a&b", "*", "?", "<x>", "\"", "'", "a%", "photo.jpg%", "%s%s%n",
    };
    // clang-format on
    // too long, whole and in the middle of a character
    names.push_back(std::string(256, 'a'));
    names.push_back(std::string(300, 'a') + ".txt");
    names.push_back("a." + std::string(300, 'e'));
    names.push_back(std::string(5000, '.'));
    names.push_back(std::string(5000, '/'));
    names.push_back(std::string(300, '\xff'));
    std::string wide, dots;
    for (int i = 0; i < 150; ++i) wide += "\u00E9";
    for (int i = 0; i < 100; ++i) dots += "../";
    names.push_back(wide);
    names.push_back("a" + wide + ".txt");
    names.push_back(dots + "etc/passwd");
    return names;
}

}  // namespace netchat::test
