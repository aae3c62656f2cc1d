#pragma once

// JSON lines on stdout, one object each: events as modes/client/event_json.h documents them, and
// four kinds of this program's own:
//
//     status     level ("note" or "trouble") text
//     files      files: [{"number","room","from","name","size","sha256","state"}, …]
//                state: own, offered, wanted, received, failed
//     transfers  total transfers: [{"upload","id","sha256","room","name","done","size","state"}, …]
//                total: how many there are, since of thousands not all are listed
//                state: waiting, hashing, moving
//     help       commands: [{"usage","meaning"}, …]
//
// Trouble is said on stderr as well.

#include "modes/connect/output.h"
#include "modes/connect/view.h"

namespace netchat::connect {

class JsonView : public View {
  public:
    JsonView(int outFd, int errFd, client::WriteWait* wait = nullptr)
        : out_(outFd, wait), err_(errFd, wait) {}

    void show(const client::Event& event, const FormatContext& formatContext) override;
    void showFiles(std::span<const KnownFile> files) override;
    void showTransfers(const client::Transfers& transfers,
                       std::span<const size_t> numbers) override;
    void showHelp() override;
    void status(Level level, std::string_view text) override;
    OutputState flush() override;

  private:
    Output out_, err_;
};

}  // namespace netchat::connect
