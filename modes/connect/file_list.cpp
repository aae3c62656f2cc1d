#include "modes/connect/file_list.h"

#include <algorithm>
#include <charconv>

namespace netchat::connect {

namespace {

constexpr size_t kHashDigitsMin = 8;

template <class Files, class Fits>
auto* latest(Files& files, Fits&& fits) {
    const auto found = std::find_if(files.rbegin(), files.rend(), fits);
    return found == files.rend() ? nullptr : &*found;
}

}  // namespace

void FileList::announced(const client::Event& file, bool wanted) {
    const auto same = [&](const KnownFile& known) {
        return known.sha256 == file.sha256 && known.name == file.name && known.room == file.room &&
               known.folder == file.folder;
    };
    const auto state = file.own ? KnownFile::State::Own
                       : wanted ? KnownFile::State::Wanted
                                : KnownFile::State::Offered;
    if (KnownFile* known = latest(files_, same)) {
        // Seen again in the history: it is what it is.
        if (!file.history) known->state = state;
        return;
    }
    if (files_.size() == kFilesMax) files_.pop_front();
    files_.push_back({++lastNumber_, std::string(file.room), std::string(file.from),
                      std::string(file.name), std::string(file.sha256), file.size, state,
                      std::string(file.folder), file.mtime});
}

void FileList::changed(const client::Event& event, KnownFile::State state) {
    for (auto& file : files_) {
        const bool same =
            event.sha256.empty() ? file.name == event.name : file.sha256 == event.sha256;
        if (same && file.state != KnownFile::State::Own) file.state = state;
    }
}

KnownFile* FileList::numbered(unsigned number) {
    return latest(files_, [&](const KnownFile& known) { return known.number == number; });
}

const KnownFile* FileList::numbered(unsigned number) const {
    return latest(files_, [&](const KnownFile& known) { return known.number == number; });
}

KnownFile* FileList::find(std::string_view text) {
    const auto isCalled = [&](const KnownFile& known) {
        return known.name == text || (!known.folder.empty() && known.path() == text);
    };
    if (auto* file = latest(files_, isCalled)) {
        return file;
    }
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) {
        if (auto* file = numbered(number)) return file;
    }
    if (text.size() < kHashDigitsMin) return nullptr;
    return latest(files_, [&](const KnownFile& known) { return known.sha256.starts_with(text); });
}

}  // namespace netchat::connect
