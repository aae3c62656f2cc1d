#include "modes/connect/progress_text.h"

#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

uint64_t partsOf(const client::Event& progress, uint64_t parts) {
    if (progress.size == 0) return parts;
    // In floating point: done * 100 of a large file would overflow.
    return static_cast<uint64_t>(static_cast<double>(progress.done) /
                                 static_cast<double>(progress.size) * static_cast<double>(parts));
}

}  // namespace

std::string progressText(const client::Event& progress) {
    return std::string(progress.upload ? "sending " : "receiving ") + neutralised(progress.name) +
           ": " + std::to_string(partsOf(progress, 100)) + " % of " + sizeText(progress.size);
}

bool ProgressSteps::isDue(const client::Event& progress) {
    const std::string key = (progress.upload ? "up " : "down ") +
                            std::string(progress.id.empty() ? progress.sha256 : progress.id);
    if (progress.done >= progress.size) {
        tenths_.erase(key);
        return false;
    }
    const uint64_t tenth = partsOf(progress, 10);
    uint64_t& last = tenths_[key];
    if (tenth <= last) return false;
    last = tenth;
    return true;
}

}  // namespace netchat::connect
