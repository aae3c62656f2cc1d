#pragma once

// Reads tests/support/old_wire.txt.

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace netchat::test {

struct OldFrame {
    char mark;            // '>', '<' or '='
    std::string payload;  // of one frame
};

inline std::vector<OldFrame> oldWire(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("there is no " + file);
    std::vector<OldFrame> frames;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        OldFrame frame{line[0], {}};
        for (size_t i = 2; i < line.size(); ++i) {
            const bool escaped = line[i] == '\\' && i + 1 < line.size();
            if (escaped) ++i;
            frame.payload += !escaped         ? line[i]
                             : line[i] == 'n' ? '\n'
                             : line[i] == 't' ? '\t'
                                              : line[i];
        }
        frames.push_back(std::move(frame));
    }
    return frames;
}

}  // namespace netchat::test
