#pragma once

// Gives events to the lines of a block, each event to one line, so that as many as possible have
// what they want: a matching in a bipartite graph, grown by one augmenting path for each event.
//
//     lines  A B     an event that fits A and B took A; one that fits only A moves the first to B
//            |/|
//     events 1 2
//
// An event that adds nothing when it comes never will (the sets of events that can be placed are
// the independent ones of a matroid), so only those that were placed are kept. Pure.

#include <cstddef>
#include <map>
#include <vector>

namespace netchat::bot {

class Assignment {
  public:
    // How many events each line wants.
    explicit Assignment(std::vector<size_t> wanted);

    // An event, by any number of its own, and the lines that it fits. False: it is not needed.
    bool place(size_t event, std::vector<size_t> lines);

    bool complete() const { return placed_.size() == wantedSum_; }
    bool isFull(size_t line) const { return has_[line].size() == wanted_[line]; }
    size_t lineCount() const { return wanted_.size(); }
    // The greatest of the line's events, which must have one.
    size_t lastOf(size_t line) const;

  private:
    bool placeAt(size_t event, std::vector<bool>& visited);

    std::vector<size_t> wanted_;
    size_t wantedSum_ = 0;
    std::vector<std::vector<size_t>> has_;          // the events of each line
    std::map<size_t, std::vector<size_t>> placed_;  // the lines that each placed event fits
};

}  // namespace netchat::bot
