#include "modes/connect/screen/memory_file.h"

#include <system_error>
#include <utility>

#include "modes/client/small_file.h"
#include "modes/connect/screen/state.h"

namespace netchat::connect {

MemoryFile::MemoryFile(std::filesystem::path path, bool remembers) : path_(std::move(path)) {
    if (path_.empty() || !remembers) return;
    auto text = client::readSmallFile(path_, Remembered::kFileBytesMax);
    if (!text) {
        trouble_ = text.error().text + "; this run is not remembered";
        return;
    }
    saved_ = std::move(*text);
    remembered_ = parseRemembered(saved_);
}

void MemoryFile::save(const ScreenState& state) {
    if (path_.empty() || !trouble_.empty()) return;
    if (!state.settings.remember()) {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
        saved_.clear();
        return;
    }
    std::string text = rememberedText(state);
    if (text == saved_) return;
    const Status written = client::replaceFile(path_, text, 0600, client::Sync::No);
    if (!written) trouble_ = written.error().text;
    saved_ = std::move(text);
}

}  // namespace netchat::connect
