#include "modes/connect/screen/text/wrap.h"

#include <algorithm>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {

namespace {

// Cuts one line, which holds no newline, cluster by cluster from left to right. At any time it
// knows where the row began that it is in, and where that row could break:
//
//     the quick  bro|wn      the right edge; "w" does not fit
//     ^        ^ ^
//     |        | wordBegin_: where the next row would begin
//     |        spaceBegin_: where this one would end; before rowBegin_: there is no break in it
//     rowBegin_
class LineCutter {
  public:
    LineCutter(std::string_view text, Row line, size_t columns, std::vector<Row>& rows)
        : text_(text), line_(line), columns_(columns), rows_(rows), rowBegin_(line.begin) {}

    void cut() {
        std::string_view rest = text_.substr(0, line_.end);
        rest.remove_prefix(line_.begin);
        while (!rest.empty()) {
            const size_t at = line_.end - rest.size();
            const Cluster cluster = nextCluster(rest);
            if (cluster.text == " ") {
                takeSpace(at);
            } else {
                takePart(at, static_cast<size_t>(cluster.columns));
            }
        }
        const bool spacesGoBeyond = in_ == In::Spaces && used_ > columns_;
        rows_.push_back({rowBegin_, spacesGoBeyond ? spaceBegin_ : line_.end});
    }

  private:
    enum class In {
        Indent,  // the spaces that the line begins with, if any
        Word,
        Spaces,  // after a word; they may go beyond the edge
    };

    void takeSpace(size_t at) {
        if (in_ == In::Indent && used_ == columns_) breakAt(at, at, 0);
        if (in_ == In::Word) {
            in_ = In::Spaces;
            spaceBegin_ = at;
        }
        ++used_;
    }

    void takePart(size_t at, size_t columns) {
        if (in_ != In::Word) beginWord(at);
        if (used_ + columns > columns_ && spaceBegin_ > rowBegin_) {
            breakAt(spaceBegin_, wordBegin_, wordUsed_);
        }
        if (used_ + columns > columns_ && at > rowBegin_) {
            breakAt(at, at, 0);
            wordUsed_ = 0;
        }
        used_ += columns;
        wordUsed_ += columns;
    }

    void beginWord(size_t at) {
        if (in_ == In::Indent) spaceBegin_ = at;
        in_ = In::Word;
        wordBegin_ = at;
        wordUsed_ = 0;
    }

    void breakAt(size_t rowEnd, size_t nextBegin, size_t nextUsed) {
        rows_.push_back({rowBegin_, rowEnd});
        rowBegin_ = nextBegin;
        used_ = nextUsed;
    }

    const std::string_view text_;
    const Row line_;
    const size_t columns_;
    std::vector<Row>& rows_;

    In in_ = In::Indent;
    size_t rowBegin_;
    size_t used_ = 0;  // columns from there on
    size_t spaceBegin_ = 0, wordBegin_ = 0;
    size_t wordUsed_ = 0;  // columns of the word, as much of it as is in this row
};

}  // namespace

std::vector<Row> wrap(std::string_view text, size_t columns) {
    columns = std::max<size_t>(columns, 1);
    std::vector<Row> rows;
    for (size_t begin = 0;;) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        // No character has more columns than bytes, so that a short line needs no closer look.
        if (end - begin <= columns) {
            rows.push_back({begin, end});
        } else {
            LineCutter(text, {begin, end}, columns, rows).cut();
        }
        if (end == text.size()) return rows;
        begin = end + 1;
    }
}

}  // namespace netchat::connect
