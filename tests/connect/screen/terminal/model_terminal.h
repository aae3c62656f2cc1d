#pragma once

// A terminal with a mind of its own about the columns of clusters that terminals disagree about,
// and about what happens at its right edge. It understands what a ScreenWriter writes, and says
// when something else comes.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

class ModelTerminal {
  public:
    enum class Uncertain { One, Two, Parts };  // columns; Parts: each code point by itself
    enum class Edge { Stays, WrapsLater, WrapsAtOnce };

    ModelTerminal(int width, int height, Uncertain uncertain, Edge edge)
        : uncertain_(uncertain), edge_(edge), width_(width), height_(height) {
        clear();
    }

    void feed(std::string_view bytes) {
        while (!bytes.empty()) {
            if (bytes[0] == '\x1b') {
                takeSequence(bytes);
            } else if (static_cast<unsigned char>(bytes[0]) < 0x20 || bytes[0] == 0x7F) {
                if (bytes[0] != '\x0f') strange_ += bytes[0];
                bytes.remove_prefix(1);
            } else {
                takeText(bytes);
            }
        }
    }

    // A blank is " "; empty: the second half of the one before.
    const std::string& at(int x, int y) const { return cells_[index(x, y)]; }
    bool drawsNarrow() const { return uncertain_ == Uncertain::One; }
    size_t scrolledLines() const { return scrolledLines_; }
    // Control characters and sequences that do anything but draw.
    const std::string& strange() const { return strange_; }

  private:
    size_t index(int x, int y) const { return static_cast<size_t>(y * width_ + x); }
    void clear() { cells_.assign(static_cast<size_t>(width_ * height_), " "); }

    void takeSequence(std::string_view& bytes) {
        if (bytes.starts_with("\x1b(B")) return bytes.remove_prefix(3);
        const size_t end = bytes.find_first_not_of("0123456789;?", 2);
        if (!bytes.starts_with("\x1b[") || end == bytes.npos) {
            strange_ += "ESC";
            return bytes.remove_prefix(1);
        }
        act(bytes[end], std::string(bytes.substr(2, end - 2)));
        bytes.remove_prefix(end + 1);
    }
    void act(char final, const std::string& parameters) {
        pending_ = pending_ && final == 'm';
        if (final == 'H') {
            const size_t semicolon = parameters.find(';');
            y_ = parameters.empty() ? 0 : std::atoi(parameters.c_str()) - 1;
            x_ = semicolon == parameters.npos ? 0 : std::atoi(&parameters[semicolon + 1]) - 1;
        } else if (final == 'K' && parameters.empty()) {
            for (int x = x_; x < width_; ++x) write(x, " ");
        } else if (final == 'J') {
            clear();
        } else if (final != 'm' && parameters != "?25") {
            strange_ += "CSI" + parameters + final;
        }
    }

    void takeText(std::string_view& bytes) {
        const size_t end = std::min(bytes.find('\x1b'), bytes.find('\x0f'));
        std::string_view text = bytes.substr(0, end);
        bytes.remove_prefix(text.size());
        while (!text.empty()) takeCluster(nextCluster(text));
    }
    void takeCluster(const Cluster& cluster) {
        if (cluster.certain) return print(std::string(cluster.text), cluster.columns);
        if (uncertain_ == Uncertain::One) return print(std::string(cluster.text), 1);
        if (uncertain_ == Uncertain::Two) return print(std::string(cluster.text), 2);
        for (std::string_view rest = cluster.text; !rest.empty();) {
            std::string part;
            utf8::append(part, utf8::next(rest));
            std::string_view alone = part;
            print(part, nextCluster(alone).columns);
        }
    }

    void print(const std::string& text, int columns) {
        if (columns == 0) return;
        if (pending_ || (edge_ != Edge::Stays && x_ + columns > width_)) newLine();
        pending_ = false;
        columns = std::min(columns, width_ - x_);
        write(x_, text);
        if (columns == 2) {
            write(x_ + 1, " ");
            cells_[index(x_, y_)] = text;
            cells_[index(x_ + 1, y_)] = "";
        }
        x_ += columns;
        if (x_ < width_) return;
        if (edge_ == Edge::WrapsAtOnce) return newLine();
        x_ = width_ - 1;
        pending_ = edge_ == Edge::WrapsLater;
    }
    // Half a cluster is none: the other half becomes blank.
    void write(int x, const std::string& text) {
        if (cells_[index(x, y_)].empty() && x > 0) cells_[index(x - 1, y_)] = " ";
        if (x + 1 < width_ && cells_[index(x + 1, y_)].empty()) cells_[index(x + 1, y_)] = " ";
        cells_[index(x, y_)] = text;
    }
    void newLine() {
        x_ = 0;
        pending_ = false;
        if (++y_ < height_) return;
        y_ = height_ - 1;
        ++scrolledLines_;
    }

    const Uncertain uncertain_;
    const Edge edge_;
    const int width_, height_;
    int x_ = 0, y_ = 0;
    bool pending_ = false;
    std::vector<std::string> cells_;
    size_t scrolledLines_ = 0;
    std::string strange_;
};

}  // namespace netchat::connect
