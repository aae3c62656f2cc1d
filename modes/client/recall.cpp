// How a run becomes the user that an earlier one was.

#include <utility>

#include "modes/client/client.h"
#include "modes/client/state_file.h"
#include "protocol/text_safety.h"

namespace netchat::client {

Result<std::optional<StateFile>> recall(const Since& since, const std::filesystem::path& folder,
                                        Options& options,
                                        const std::function<void(const std::string&)>& tell) {
    const bool last = since.from == Since::From::Last;
    if (options.classic || options.guest) return std::optional<StateFile>();
    const auto guest = [&](const std::string& why) {
        options.guest = true;
        tell("cannot store a secret for the nick '" + forLog(options.nick) + "': " + why +
             "; you are a guest, and the nick is not reserved");
        return std::optional<StateFile>();
    };
    if (folder.empty()) return guest("XDG_STATE_HOME and HOME are not set");
    const StateKey key(options.server, options.serverFingerprint, options.formerAddresses);
    auto file = StateFile::open(folder, key, options.nick,
                                last ? StateFile::Keep::WhoAndWhere : StateFile::Keep::Who);
    if (!file && last) return file.error();
    if (!file) return guest(file.error().text);
    if (auto status = file->reserve(); !status) {
        if (last) return status.error();
        return guest(status.error().text);
    }
    options.resume = file->resume();
    return std::optional(std::move(*file));
}

void remember(StateFile* memory, const Event& event, const Client& client) {
    if (memory == nullptr) return;
    const auto entry = memory->take(event, [&client] { return client.state(); });
    if (entry) memory->seen(entry->room, entry->seq);
}

}  // namespace netchat::client
