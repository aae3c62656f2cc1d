#pragma once

// Violations as they are found, counted and put into words: room, what, at whom, and why. One
// thread; the journal and the verdict outlive it.

#include <cstdint>
#include <string>

#include "harness/journal/journal.h"
#include "harness/judge/journal_index.h"
#include "harness/judge/verdict.h"

namespace netchat::harness {

class Findings {
  public:
    Findings(const Journal& journal, Verdict& verdict) : journal_(journal), verdict_(verdict) {}

    void add(Property property, std::string text);
    // About an item, at a receiver.
    void add(Property property, uint32_t bot, const Item& item, const std::string& what);
    // About a record, which may be of something that nobody sent.
    void add(Property property, const Record& record, const std::string& what);

    std::string nickOf(uint32_t bot) const;
    std::string nameOf(const Item& item) const;
    std::string fileOf(const Record& record) const;
    std::string quoted(const Record& record) const;

  private:
    const Journal& journal_;
    Verdict& verdict_;
};

}  // namespace netchat::harness
