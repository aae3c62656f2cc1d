#include "harness/judge/findings.h"

namespace netchat::harness {

void Findings::add(Property property, std::string text) {
    if (++verdict_[property].violated <= Verdict::kKeptMax) {
        verdict_.violations.push_back({property, std::move(text)});
    }
}

void Findings::add(Property property, uint32_t bot, const Item& item, const std::string& what) {
    add(property, "room " + journal_.rooms[item.room] + ": " + nameOf(item) + " at " + nickOf(bot) +
                      ": " + what);
}

void Findings::add(Property property, const Record& record, const std::string& what) {
    std::string text;
    if (record.room != kNoRoom) text += "room " + journal_.rooms[record.room] + ": ";
    if (record.kind == Kind::Announced) {
        text += fileOf(record) + " at ";
    } else if (record.sender != kUnknown && isSighting(record.kind)) {
        const bool known = record.number != kUnknown;
        text += (known ? "message " + std::to_string(record.number) : "a message") + " of " +
                nickOf(record.sender) + " at ";
    }
    add(property, text + nickOf(record.bot) + ": " + what);
}

std::string Findings::nickOf(uint32_t bot) const {
    return bot == kUnknown ? "?" : journal_.bots[bot].nick;
}

std::string Findings::nameOf(const Item& item) const {
    if (item.file) return "the file " + journal_.files[item.number].name;
    return "message " + std::to_string(item.number) + " of " + nickOf(item.sender);
}

std::string Findings::fileOf(const Record& record) const {
    return "the file " + journal_.files[record.number].name;
}

std::string Findings::quoted(const Record& record) const {
    return '"' + std::string(journal_.text(record)) + '"';
}

}  // namespace netchat::harness
