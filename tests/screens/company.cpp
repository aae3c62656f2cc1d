#include "tests/screens/company.h"

#include <utility>

namespace netchat::test {

Company::Company(std::string netchat) : netchat_(std::move(netchat)) {
    Process::Options options{{"serve", "--port", "0", "--data", "none"}};
    options.program = netchat_;
    options.folder = folder_.path();
    options.environment = {{"HOME", folder_.path().string()}, {"TMPDIR", folder_.path().string()}};
    server_ = std::make_unique<Process>(options);
    const std::string line = server_->waitForLine("netchat listening on ");
    port_ = static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
    const std::string link = server_->waitForLine("netchat://");
    fingerprint_ = link.substr(link.find('#'));
}

std::filesystem::path Company::folderOf(const std::string& nick) const {
    std::filesystem::path folder = folder_ / nick;
    std::filesystem::create_directories(folder);
    return folder;
}

Process& Company::joins(const std::string& nick, const std::string& room) {
    Process::Options options{{"connect", "localhost:" + std::to_string(port_), "--nick", nick,
                              "--room", room, "--commands", "--downloads", "."}};
    options.program = netchat_;
    options.folder = folderOf(nick);
    options.environment = {{"HOME", options.folder.string()}};
    Process& person = people_.emplace_back(options);
    person.waitForLine("* you are in ");
    return person;
}

std::unique_ptr<EmulatedTerminal> Company::looksAt(const std::string& nick, const std::string& room,
                                                   uint16_t port) {
    const std::string link = "netchat://localhost:" + std::to_string(port == 0 ? port_ : port) +
                             "/" + room + fingerprint_;
    PtyChild::Options options{.program = netchat_,
                              .arguments = {"connect", link, "--nick", nick, "--downloads", "."},
                              .folder = folderOf(nick),
                              .width = kScreenWidth,
                              .height = kScreenHeight};
    options.environment = {{"HOME", options.folder.string()}, {"USER", nick}};
    return std::make_unique<EmulatedTerminal>(options);
}

}  // namespace netchat::test
