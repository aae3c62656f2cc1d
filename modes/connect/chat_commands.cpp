// What each command does in the client of lines.

#include <algorithm>
#include <utility>

#include "modes/client/upload_plan.h"
#include "modes/connect/chat.h"
#include "modes/connect/command_line.h"
#include "modes/connect/command_table.h"
#include "modes/connect/ignoring.h"
#include "modes/connect/wording.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

// One overload for each command. It lives for one line.
class Chat::Commands {
  public:
    explicit Commands(Chat& chat) : chat_(chat), client_(chat.client_), view_(chat.view_) {}

    void operator()(const command::Nothing&) {}

    void operator()(const command::Ask& ask) { wrong(ask.question); }

    void operator()(const command::Wrong& line) { wrong(line.why); }

    void operator()(const ScreenOnly auto& command) { wrong(screenOnlyText(command)); }

    void operator()(const command::Help&) { view_.showHelp(); }

    void operator()(const command::Exit&) { chat_.finish(State::Leaving); }

    // ---- saying

    void operator()(const command::Say& said) { say(said.text); }

    void operator()(const command::Me& me) { say(actionText(client_.nickName(), me.what)); }

    void operator()(const command::Msg& msg) {
        if (msg.text.empty()) return wrong(usageText(msg));
        if (!isText(msg.text)) return;
        const std::string known = spelled(msg.nick);
        client_.tell(known.empty() ? msg.nick : known, msg.text);
        underWay(msg.text);
    }

    void operator()(const command::Nick& nick) { client_.nick(nick.nick); }

    // ---- files

    void operator()(const command::Upload& upload) {
        if (chat_.room_.empty()) return wrong("not sent: " + inNoRoom());
        client::UploadPlan plan = client::planUploads(upload.paths, chat_.options_.home);
        for (const client::PlannedUpload& file : plan.files) {
            const auto id = client_.upload(chat_.room_, file.path, {}, {.folder = file.folder});
            if (!id) plan.errors.push_back(id.error().text);
        }
        for (const std::string& error : plan.errors) {
            chat_.outcome_ = Outcome::FileFailed;
            chat_.trouble("not sent: " + error);
        }
        if (!plan.leftOut.empty()) note(plan.leftOut);
    }

    void operator()(const command::Files&) { view_.showFiles(chat_.files_.all()); }

    void operator()(const command::Get& get) {
        KnownFile* file = chat_.files_.find(get.file);
        if (!file) return wrong(noFileText(get.file));
        if (file->state == KnownFile::State::Wanted) {
            return note(alreadyWantedText(file->name));
        }
        file->state = KnownFile::State::Wanted;
        const auto& memory = chat_.options_.memory;
        if (memory) memory->wanted(file->sha256, file->name, file->size);
        client_.get(file->sha256, file->name, file->size, file->folder, file->mtime);
    }

    void operator()(const command::Transfers&) {
        const client::Transfers transfers = client_.transfers();
        view_.showTransfers(transfers, numbersOf(transfers));
    }

    // Since not all are listed, also a file that !files has under this name.
    void operator()(const command::Cancel& cancel) {
        const std::string& which = cancel.transfer;
        const client::Transfers transfers = client_.transfers();
        if (transfers.total == 0) return note(std::string(kNoTransfers));
        if (which.empty() && transfers.total > 1) {
            return wrong(std::string(kSeveralTransfers));
        }
        const std::vector<size_t> numbers = numbersOf(transfers);
        std::vector<NumberedTransfer> underWay;
        for (size_t i = 0; i < numbers.size(); ++i) {
            underWay.push_back({numbers[i], transfers.all[i].name});
        }
        const auto chosen = chosenTransfer(which, underWay);
        if (chosen && client_.cancel(transfers.all[*chosen].key())) return;
        const bool isNumber = which.find_first_not_of("0123456789") == std::string::npos;
        const KnownFile* const file = chosen || isNumber ? nullptr : chat_.files_.find(which);
        const bool classic = chat_.options_.client.classic;
        if (file && client_.cancel(classic ? file->name : file->sha256)) return;
        if (chosen) return note("too late to cancel: all of it was sent, or is being sent");
        notCancelled(which, underWay);
    }

    // ---- rooms

    void operator()(const command::Join& join) {
        const std::string room(roomMeant(join.room));
        if (room.empty()) {
            const std::string name = forLog(join.room);
            return wrong("'" + name + "' is a person, not a room: !msg NICK TEXT; !join #" + name +
                         " joins an older room of this name");
        }
        if (!isInside(room)) {
            chat_.moving_ = true;
            return client_.join(room);
        }
        std::erase(chat_.rooms_, room);
        chat_.rooms_.push_back(room);
        chat_.room_ = room;
        note("you talk in " + forLog(room) + " now");
    }

    void operator()(const command::Leave& leave) {
        const std::string room = meant(leave.room);
        if (room.empty()) return wrong(inNoRoom());
        if (!isInside(room)) return wrong("you are not in the room " + inQuotes(room));
        chat_.moving_ = true;
        client_.leave(room);
    }

    void operator()(const command::Who& who) {
        const std::string room = meant(who.room);
        if (room.empty()) return wrong(inNoRoom());
        client_.who(room);
    }

    void operator()(const command::Rooms&) { client_.rooms(); }

    // Each goes further back; after the beginning of the room, from its end again.
    void operator()(const command::History& history) {
        if (chat_.room_.empty()) return wrong(inNoRoom());
        Page& page = chat_.pages_[chat_.room_];
        if (page.first == 0 || page.more) {
            return client_.history(chat_.room_, page.first, history.count);
        }
        page = {};
        note("there are no earlier messages; !history starts at the end again");
    }

    void operator()(const command::Search& wanted) {
        if (chat_.room_.empty()) return wrong(inNoRoom());
        Search& search = chat_.search_;
        if (!wanted.words.empty()) {
            search = {chat_.room_, wanted.words, {}};
        } else if (search.words.empty()) {
            return wrong(std::string(kSearchNeedsWords));
        } else if (!search.page.more) {
            return note("nothing older was found");
        }
        if (!isText(search.words)) return;
        client_.search(search.room, search.words, search.page.first);
    }

    // ---- people

    void operator()(const command::Ignore& ignore) {
        if (ignore.nick.empty()) return listIgnored();
        const std::string known = spelled(ignore.nick);
        const std::string& nick = known.empty() ? ignore.nick : known;
        const Status good = checkIgnored(nick, client_.ignored().size());
        if (!good) return wrong(good.error().text);
        client_.ignore(nick, true);
        note("you ignore " + forLog(nick) + " now" +
             (known.empty() ? ": no user with this nick was seen yet"
                            : "; !unignore shows them again"));
    }

    void operator()(const command::Unignore& unignore) {
        const std::string& nick = unignore.nick;
        if (!client_.ignores(nick)) return wrong("you do not ignore " + inQuotes(nick));
        client_.ignore(nick, false);
        note("you do not ignore " + forLog(nick) + " any more");
    }

    void operator()(const command::Operate& operate) {
        client_.op(operate.act, operate.target, operate.seconds, operate.reason);
    }

  private:
    void note(const std::string& text) { chat_.note(text); }
    void wrong(const std::string& text) { chat_.wrongInput(text); }

    static std::string inNoRoom() { return "you are in no room; !join ROOM joins one"; }

    void say(const std::string& text) {
        if (!isText(text)) return;
        if (chat_.room_.empty()) return wrong("not sent: " + inNoRoom());
        client_.say(chat_.room_, text);
        underWay(text);
    }

    void underWay(std::string_view text) {
        chat_.sizesUnderWay_.push_back(text.size());
        chat_.bytesUnderWay_ += text.size();
    }

    bool isText(std::string_view text) {
        if (utf8::isValid(text)) return true;
        wrong("a line that is not valid UTF-8 was not sent: " + inQuotes(text));
        return false;
    }

    std::vector<size_t> numbersOf(const client::Transfers& transfers) {
        std::vector<TransferNumbers::Key> underWay;
        for (const client::Transfer& transfer : transfers.all) {
            underWay.push_back({transfer.upload, transfer.key()});
        }
        chat_.numbers_.keepOnly(underWay);
        std::vector<size_t> numbers;
        for (const auto& one : underWay) numbers.push_back(chat_.numbers_.of(one.upload, one.key));
        return numbers;
    }

    void notCancelled(const std::string& which, const std::vector<NumberedTransfer>& underWay) {
        const auto same = std::count_if(underWay.begin(), underWay.end(), [&](const auto& one) {
            return one.name.starts_with(which);
        });
        if (same > 1) {
            return wrong(inQuotes(which) + " is the name of several: use !cancel NUMBER; " +
                         "!transfers lists them");
        }
        wrong(noTransferText(which));
    }

    bool isInside(const std::string& room) const {
        return std::find(chat_.rooms_.begin(), chat_.rooms_.end(), room) != chat_.rooms_.end();
    }

    // The room of this name or, without one, the current; empty: there is none.
    std::string meant(const std::string& room) const {
        const std::string named(room.starts_with("#@") ? roomMeant(room) : room);
        return named.empty() ? chat_.room_ : named;
    }

    void listIgnored() {
        std::string nicks;
        for (const auto& ignored : client_.ignored()) {
            nicks += (nicks.empty() ? "" : ", ") + forLog(ignored);
        }
        note(nicks.empty() ? "you ignore nobody" : "you ignore " + nicks);
    }

    // As somebody who was seen here is called; empty: nobody was who has this nick in any case.
    std::string spelled(const std::string& nick) const {
        const auto known = chat_.met_.find(nick);
        return known == chat_.met_.end() ? std::string() : *known;
    }

    Chat& chat_;
    client::Client& client_;
    View& view_;
};

void Chat::obey(const Command& command) {
    std::visit(Commands(*this), command);
}

}  // namespace netchat::connect
