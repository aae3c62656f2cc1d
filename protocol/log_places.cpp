#include "protocol/log_places.h"

#include <algorithm>
#include <charconv>

namespace netchat {

namespace {

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

Error badPlaces() {
    return {ErrorCode::BadHead, "the label 'log' must be up to " +
                                    std::to_string(limits::kLogPlacesMax) +
                                    " places such as 5f1c09aa31d4be72@30, with commas between"};
}

// False: it is none.
bool parsePlace(std::string_view text, LogPlace& place) {
    const size_t at = std::min(text.find('@'), text.size());
    const std::string_view log = text.substr(0, at),
                           seq = text.substr(std::min(at + 1, text.size()));
    if (!isLogIdentity(log)) return false;
    const auto [end, error] = std::from_chars(seq.data(), seq.data() + seq.size(), place.seq);
    place.log = log;
    return error == std::errc() && end == seq.data() + seq.size();
}

}  // namespace

bool isLogIdentity(std::string_view text) {
    return text.size() >= limits::kLogIdentityDigitsMin &&
           text.size() <= limits::kLogIdentityDigitsMax &&
           std::all_of(text.begin(), text.end(), isHexDigit);
}

Result<LogPlaces> parseLogPlaces(std::string_view text) {
    LogPlaces places;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        if (places.size() == limits::kLogPlacesMax) return badPlaces();
        if (!parsePlace(text.substr(0, comma), places.emplace_back())) return badPlaces();
        if (comma + 1 == text.size()) return badPlaces();  // nothing follows it
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return places;
}

std::string logPlacesText(const LogPlaces& places) {
    std::string text;
    for (const LogPlace& place : places) {
        if (!text.empty()) text += ',';
        text += place.log + "@" + std::to_string(place.seq);
    }
    return text;
}

void moveTo(LogPlaces& places, std::string_view log, uint64_t seq) {
    if (places.empty() || places.back().log != log) places.push_back({std::string(log), 0});
    places.back().seq = seq;
    if (places.size() > limits::kLogPlacesMax) places.erase(places.begin());
}

void cutAt(LogPlaces& places, uint64_t seq) {
    for (LogPlace& place : places) place.seq = std::min(place.seq, seq);
}

}  // namespace netchat
